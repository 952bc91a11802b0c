import { expect, test } from "vitest";
import { lex, render } from "../src/prose/markdown";
import { namesHost, readOutside } from "../src/prose/outside";

const html = (text: string) => lex(text).map(render).join("").trim();
const beside = (text: string) => /<\/a> <bdi class="host">\((.*?)\)<\/bdi>/.exec(html(text))?.[1] ?? null;

test.each([
  ["[the documents](https://evil.example/a)", "evil.example"],
  ["[good.example](https://evil.example)", "evil.example"],
  ["[https://good.example/login](https://evil.example/)", "evil.example"],
  ["[https://good.example.evil.example](https://evil.example)", "evil.example"],
  ["[evil.example.good.example](https://evil.example)", "evil.example"],
  ["[evil.example and good.example](https://evil.example)", "evil.example"],
  ["[evil.example/\u202Emoc.elpmaxe](https://evil.example)", "evil.example"],
  ["[evil.example/&#x202e;moc.elpmaxe](https://evil.example)", "evil.example"],
  ["[evil.example/\u05D0](https://evil.example)", "evil.example"],
  ["[**good.example**](https://evil.example)", "evil.example"],
  ["[good.example][1]\n\n[1]: https://evil.example/a", "evil.example"],
  ["[here](https://evil.example:8443/a)", "evil.example:8443"],
  ["[here](HTTPS://EVIL.example)", "evil.example"],
  ["[here](https://good\\.evil.example)", "good.evil.example"],
  ["[аррӏе.com](https://аррӏе.com)", "xn--80ak6aa92e.com"],
  ["https://аррӏе.com/login", "xn--80ak6aa92e.com"],
  ["[한국](https://한국.kr)", "xn--3e0b707e.kr"],
  ["[dotted](https://1249763844/)", "74.125.226.4"],
  ["![good.example](https://аррӏе.com/a.png)", "xn--80ak6aa92e.com"],
  ["[help@good.example](mailto:evil@evil.example?body=secret)", "evil@evil.example"],
])("a link whose words are not its host shows the host: %s", (text, host) => {
  expect(beside(text)).toBe(host);
});

test.each([
  "https://example.com/a?b=1#c",
  "www.example.com",
  "[example.com](https://example.com/a)",
  "[Example.com/a](https://example.com/a)",
  "[`example.com`](https://example.com)",
  "[http://example.com](https://example.com)",
  "[](https://example.com/a)",
  "https://ko.wikipedia.org/wiki/한글",
  "ada@example.com",
  "[ada@example.com](mailto:ada@example.com?subject=x)",
])("one that says its host is left alone: %s", (text) => {
  expect(html(text)).toContain("<a ");
  expect(beside(text)).toBeNull();
});

test.each([
  "https://good.example@evil.example",
  "https://good.example:443@evil.example/",
  "https://good.example%2f@evil.example",
  "http://:secret@evil.example",
  "https:\\/\\/good@evil.example",
])("an address with a name before its host is no link: %s", (address) => {
  for (const text of [
    address,
    `[words](${address})`,
    `<${address}>`,
    `![words](${address})`,
    `[1]: ${address}`,
  ]) {
    expect(html(text), text).not.toMatch(/<a [^>]*href="http[^"]*@/);
  }
});

test("a refused address is still read: words of an answer do not disappear", () => {
  expect(html("[words](https://good@evil.example)")).toBe("<p>words (https://good@evil.example)</p>");
  expect(html("https://good@evil.example/a")).toBe("<p>https://good@evil.example/a</p>");
  expect(html("[words](https://exa%20mple.com)")).toBe("<p>words (https://exa%20mple.com)</p>");
});

test.each([
  ["https://example.com/a b", "https://example.com/a%20b", "example.com", "https", false],
  ["HTTP://EXAMPLE.com:80", "http://example.com/", "example.com", "http", false],
  [
    "https://한국.kr:8443/길",
    "https://xn--3e0b707e.kr:8443/%EA%B8%B8",
    "xn--3e0b707e.kr:8443",
    "https",
    true,
  ],
  ["mailto:ada@example.com", "mailto:ada@example.com", "ada@example.com", "mail", false],
])("an address is read as the browser asks for it: %s", (address, href, host, kind, isCoded) => {
  expect(readOutside(address)).toEqual({ href, host, kind, isCoded });
});

test.each([
  "javascript:alert(1)",
  "data:text/html,x",
  "file:///etc/passwd",
  "//evil.example",
  "/a",
  "",
  "https://",
])("%s leads nowhere", (address) => {
  expect(readOutside(address)).toBeNull();
});

test("the host that is named is compared in ASCII alone", () => {
  const outside = readOutside("https://xn--80ak6aa92e.com/");
  expect(outside && namesHost("аррӏе.com", outside)).toBe(false);
  expect(outside && namesHost("xn--80ak6aa92e.com", outside)).toBe(true);
});
