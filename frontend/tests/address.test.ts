import { expect, test } from "vitest";
import { lex, render } from "../src/prose/markdown";

const html = (text: string) => lex(text).map(render).join("").trim();
const A = "https://example.com/a";

/** The address that is linked, and what stands behind it. */
function linked(text: string): [string, string] {
  const found = /<a href="([^"]*)"[^>]*>([^<]*)<\/a>(?: <bdi class="host">[^<]*<\/bdi>)?(.*)<\/p>/s.exec(
    html(text),
  );
  expect(found?.[1]?.replaceAll("&amp;", "&")).toBe(found?.[2]?.replaceAll("&amp;", "&"));
  return [(found?.[1] ?? "").replaceAll("&amp;", "&"), found?.[3] ?? ""];
}

test.each([
  [`${A}。`, A],
  [`${A}、`, A],
  [`${A}，`, A],
  [`${A}）`, A],
  [`（${A}）를`, A],
  [`「${A}」`, A],
  [`『${A}』と`, A],
  [`【${A}】`, A],
  [`${A}！`, A],
  [`${A}？`, A],
  [`${A}：`, A],
  [`${A}；`, A],
  [`${A}…`, A],
  [`“${A}”`, A],
  [`${A}은`, A],
  [`${A}는 좋다`, A],
  [`${A}이`, A],
  [`${A}가`, A],
  [`${A}을 보세요`, A],
  [`${A}를 보세요`, A],
  [`${A}를참고하세요`, A],
  [`${A}에`, A],
  [`${A}에서 받기`, A],
  [`${A}에서는`, A],
  [`${A}로`, A],
  [`${A}로 가세요`, A],
  [`${A}와`, A],
  [`${A}입니다.`, A],
  [`${A}이에요!`, A],
  [`(${A})`, A],
  [`(${A})를 보세요`, A],
  [`(${A}).`, A],
  [`[${A}]`, A],
  [`${A}(참고)`, A],
  [`${A}を参照`, A],
  [`${A}を見てください`, A],
  [`${A}は`, A],
  [`${A}です。`, A],
  [`${A}.`, A],
  [`${A},`, A],
  [`${A}?`, A],
  [`${A}!`, A],
  [`${A}:`, A],
  [`${A};`, A],
  [`${A}...`, A],
  [`${A}'`, A],
  [`${A}*`, A],
  [`${A}(`, A],
  ["https://example.com을 보세요", "https://example.com"],
  ["https://example.com。", "https://example.com"],
  ["https://example.com:8080을", "https://example.com:8080"],
  ["https://example.com/을 보세요", "https://example.com/"],
  ["https://example.com/?q=1을", "https://example.com/?q=1"],
  ["https://example.com/#part를", "https://example.com/#part"],
  ["https://en.wikipedia.org/wiki/A_(b)", "https://en.wikipedia.org/wiki/A_(b)"],
  ["(https://en.wikipedia.org/wiki/A_(b))", "https://en.wikipedia.org/wiki/A_(b)"],
  ["https://ko.wikipedia.org/wiki/서울 참고", "https://ko.wikipedia.org/wiki/서울"],
  ["https://ko.wikipedia.org/wiki/C언어", "https://ko.wikipedia.org/wiki/C언어"],
  ["https://ko.wikipedia.org/wiki/파이썬_(언어)를", "https://ko.wikipedia.org/wiki/파이썬_(언어)"],
  ["https://ja.wikipedia.org/wiki/東京", "https://ja.wikipedia.org/wiki/東京"],
  ["https://한글.한국/가나", "https://한글.한국/가나"],
  ["https://example.com/a?b=c&d=e.", "https://example.com/a?b=c&d=e"],
  ["https://example.com/a-b_c~d", "https://example.com/a-b_c~d"],
])("%s: the address ends where a person would say", (text, address) => {
  const [href, behind] = linked(text);
  expect(href).toBe(address);
  expect(text.slice(text.indexOf(address) + address.length)).toBe(behind.replaceAll("&#39;", "'"));
});

test("an address without its protocol, and one of mail", () => {
  expect(html("www.example.com을")).toContain('<a href="http://www.example.com"');
  expect(html("a@example.com으로")).toContain('<a href="mailto:a@example.com"');
});

test.each(["https://", "www.", "https://。", "https://…", "https://을"])("%s is no address", (text) => {
  expect(html(text)).toBe(`<p>${text}</p>`);
});

test("addresses in emphasis, links, code and tables stay as they are", () => {
  expect(html(`**${A}**는`)).toContain(`<strong><a href="${A}"`);
  expect(html(`[문서](${A})를`)).toBe(
    `<p><a href="${A}" target="_blank" rel="noopener noreferrer">문서</a> <bdi class="host">(example.com)</bdi>를</p>`,
  );
  expect(html(`\`${A}을\``)).toBe(`<p><code>${A}을</code></p>`);
  expect(html(`|a|b|\n|-|-|\n|${A}|c|`)).toContain(`>${A}</a></td>`);
  expect(html(`<${A}>을`)).toContain(`<a href="${A}"`);
});
