import { expect, test } from "vitest";
import { lex, render } from "../src/prose/markdown";

const html = (text: string) => lex(text).map(render).join("").trim();

test.each([
  ["**굵게(강조)**는 된다", "<p><strong>굵게(강조)</strong>는 된다</p>"],
  ['이것은 **"인용"**입니다', "<p>이것은 <strong>&quot;인용&quot;</strong>입니다</p>"],
  ["그는**(갑자기)**웃었다", "<p>그는<strong>(갑자기)</strong>웃었다</p>"],
  ["API**를** 부른다", "<p>API<strong>를</strong> 부른다</p>"],
  [
    "**굵게(강조)**는 그리고 **다른 것(둘)**도",
    "<p><strong>굵게(강조)</strong>는 그리고 <strong>다른 것(둘)</strong>도</p>",
  ],
  ["*기울임(강조)*은", "<p><em>기울임(강조)</em>은</p>"],
  ["***둘 다(강조)***는", "<p><em><strong>둘 다(강조)</strong></em>는</p>"],
  ["これは**「強調」**です", "<p>これは<strong>「強調」</strong>です</p>"],
  ["`코드`는 **`코드`**를", "<p><code>코드</code>는 <strong><code>코드</code></strong>를</p>"],
])("emphasis closes before a particle: %s", (source, wanted) => {
  expect(html(source)).toBe(wanted);
});

test.each([
  ["**bold**", "<p><strong>bold</strong></p>"],
  ["2 * 3 * 4", "<p>2 * 3 * 4</p>"],
  ["a * b*c", "<p>a * b*c</p>"],
  ["**a(b)**c", "<p>**a(b)**c</p>"],
  ["snake_case_name", "<p>snake_case_name</p>"],
  ["*a **b** c*", "<p><em>a <strong>b</strong> c</em></p>"],
  ["3 * 4 = 12, 굵게 * 아님", "<p>3 * 4 = 12, 굵게 * 아님</p>"],
])("what is no CJK stays as CommonMark says: %s", (source, wanted) => {
  expect(html(source)).toBe(wanted);
});

test("raw HTML is shown, never made", () => {
  expect(html('<img src=x onerror="alert(1)">')).toBe("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;");
  expect(html("a <b>b</b> <script>x</script>")).not.toMatch(/<(b|script)>/);
});

test.each([
  "javascript:alert(1)",
  "JaVaScRiPt:alert(1)",
  "data:text/html,x",
  "vbscript:x",
  "file:///etc/passwd",
  "//evil.example",
])("a link to %s is only its words", (href) => {
  expect(html(`[words](${href})`)).toBe("<p>words</p>");
});

test("a link opens apart and tells nobody where it came from", () => {
  expect(html("[a](https://example.com/?a=1&b=2)")).toBe(
    '<p><a href="https://example.com/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">a</a> <bdi class="host">(example.com)</bdi></p>',
  );
});

test("an image is a link that shows its whole address", () => {
  expect(html("![cat](https://evil.example/p.png?secret=1)")).toBe(
    '<p><a class="image" href="https://evil.example/p.png?secret=1" target="_blank" rel="noopener noreferrer">cat · https://evil.example/p.png?secret=1</a></p>',
  );
  expect(html("![cat](data:image/svg+xml,x)")).toBe("<p>cat</p>");
});

test("a particle behind a bare address is not part of its host", () => {
  expect(html("https://example.com을 보세요")).toContain('href="https://example.com"');
  expect(html("https://example.com/한글 보세요")).toContain("example.com/");
});

test.each([
  ["[^1]: word", "<p>[^1]: word</p>"],
  ["Text[^1]\n\n[^1]: 설명", "[^1]: 설명"],
  ["[용어]: 설명", "<p>[용어]: 설명</p>"],
  ["[todo]: done", "<p>[todo]: done</p>"],
  ["[a]: <b>", "[a]: &lt;b&gt;"],
  ["[1]: https://example.com/a", '[1]: <a href="https://example.com/a"'],
  ["[](https://example.com/a)", ">https://example.com/a</a>"],
])("no words disappear: %s", (source, wanted) => {
  expect(html(source)).toContain(wanted);
});

test("a definition that a link refers to is not shown a second time", () => {
  expect(html("[words][1]\n\n[1]: https://example.com/a")).toBe(
    '<p><a href="https://example.com/a" target="_blank" rel="noopener noreferrer">words</a> <bdi class="host">(example.com)</bdi></p>',
  );
});

test.each([
  "\\(x\\)",
  "\\[x\\]",
  "\\(a_1 * b_2 * c\\)",
  "$a_1 * b_2 * c$",
  "$$x^2 \\\\ y^2$$",
  "\\[\nx\n- y\n= z\n\\]",
  "$$\na\n+ b\n$$",
])("a formula stays as it was written: %s", (source) => {
  const drawn = html(around(source)).replace(/<[^>]+>/g, "");
  expect(drawn.replaceAll("\n", "")).toContain(source.replaceAll("\n", ""));
  expect(html(source)).toContain(`class="math">${source}<`);
});

function around(source: string): string {
  return source.includes("\n") ? `앞\n${source}\n뒤` : `앞 ${source} 뒤`;
}

test("prices are no formulas, and an escaped bracket alone is a bracket", () => {
  expect(html("$5 and *$6* or 5$ and 6$")).toBe("<p>$5 and <em>$6</em> or 5$ and 6$</p>");
  expect(html("1\\) a")).toBe("<p>1) a</p>");
});

test("code keeps its text and its language's name, and nothing else of the fence", () => {
  expect(html('```py"><b>\n<i>\n```')).toBe('<pre data-language="py"><code>&lt;i&gt;\n</code></pre>');
});

test("tables and task lists", () => {
  expect(html("| a | b |\n| - | -: |\n| 1 | 2 |")).toContain('<div class="table"><table>');
  expect(html("- [x] done")).toContain('<span class="task">☑</span>');
});
