import { expect, test } from "vitest";
import { Composing, type Key } from "../src/ui/composing";

function world() {
  const sent: string[] = [];
  let jobs: (() => void)[] = [];
  const field = { text: "" };
  const composing = new Composing(
    () => {
      if (field.text) sent.push(field.text); // an empty composer sends nothing
      field.text = "";
    },
    (job) => jobs.push(job),
  );
  const later = () => {
    while (jobs.length) {
      const now = jobs;
      jobs = [];
      for (const job of now) job();
    }
  };
  const enter = (rest: Partial<Key> = {}) => {
    const key = { key: "Enter", code: "Enter", keyCode: 13, shiftKey: false, isComposing: false, ...rest };
    const verdict = composing.key(key);
    if (verdict === "send") {
      if (field.text) sent.push(field.text);
      field.text = "";
    }
    return verdict;
  };
  const compose = (text: string) => {
    composing.started();
    composing.updated(text);
    field.text += text;
  };
  return { sent, later, composing, enter, compose, field };
}

const IME = { keyCode: 229, isComposing: true };

test("Enter sends, Shift+Enter does not", () => {
  const { enter, field, sent } = world();
  field.text = "hi";
  expect(enter({ shiftKey: true })).toBe("pass");
  expect(enter()).toBe("send");
  expect(sent).toEqual(["hi"]);
});

test("one Enter in the middle of a Hangul syllable sends once, with the syllable", () => {
  const { compose, enter, composing, later, sent } = world();
  compose("안녕");
  expect(enter(IME)).toBe("pass");
  expect(sent).toEqual([]);
  composing.ended("안녕");
  later();
  expect(sent).toEqual(["안녕"]);
});

test("a browser that reports the same Enter twice sends once", () => {
  const { compose, enter, composing, later, sent } = world();
  compose("글");
  enter(IME);
  composing.ended("글");
  expect(enter()).toBe("swallow");
  expect(composing.breaksNoLine).toBe(true);
  later();
  expect(sent).toEqual(["글"]);
});

test("where the key comes after the end of the composition, as in Safari, it sends once too", () => {
  const { compose, enter, composing, later, sent } = world();
  compose("글");
  composing.ended("글");
  expect(enter({ keyCode: 229 })).toBe("swallow");
  later();
  expect(sent).toEqual(["글"]);
});

test.each(["かな", "漢字", "カナ", "ni hao"])("Enter confirms the candidate %s and sends nothing", (text) => {
  const { compose, enter, composing, later, sent } = world();
  compose(text);
  enter(IME);
  composing.ended(text);
  later();
  expect(sent).toEqual([]);
  expect(enter()).toBe("send");
  expect(sent).toEqual([text]);
});

test("a remembered Enter is forgotten when the field loses the focus", () => {
  const { compose, enter, composing, later, sent } = world();
  compose("글");
  enter(IME);
  composing.blurred();
  composing.ended("글");
  later();
  expect(sent).toEqual([]);
});

test("the next message can be sent right after", () => {
  const { compose, enter, composing, later, sent, field } = world();
  compose("하나");
  enter(IME);
  composing.ended("하나");
  later();
  field.text = "two";
  expect(enter()).toBe("send");
  expect(sent).toEqual(["하나", "two"]);
});
