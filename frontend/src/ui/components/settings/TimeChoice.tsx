// One time of several, and its hint. What was chosen elsewhere is among them.
interface Times {
  ready: boolean;
  label: string;
  hint: string;
  hintId: string;
  now: number;
  choices: number[];
  count: (count: number) => string;
  choose: (count: number) => void;
}

export function TimeChoice({ ready, label, hint, hintId, now, choices, count, choose }: Times) {
  const offered = [...new Set([...choices, now])].sort((a, b) => a - b);
  return (
    <div>
      <label class="choice">
        <span>{label}</span>
        <select
          disabled={!ready}
          value={now}
          aria-describedby={hintId}
          onChange={(event) => choose(Number(event.currentTarget.value))}
        >
          {offered.map((each) => (
            <option key={each} value={each}>
              {count(each)}
            </option>
          ))}
        </select>
      </label>
      <p class="hint" id={hintId}>
        {hint}
      </p>
    </div>
  );
}
