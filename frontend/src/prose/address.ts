// Where a bare address ends: where a person would say, and not where the next space is.

const CJK = "\\p{scx=Hang}\\p{scx=Hira}\\p{scx=Kana}\\p{scx=Hani}";
const START = /^(?:https?:\/\/|www\.)/i;
const MOST = 2_048; // longer ones are no addresses
/** Signs that no address has: spaces, quotes, and what is written full width. */
const STOP =
  /[\s<>"`|\\^“”‘’«»…\u3000-\u3004\u3008-\u3020\u3030\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]/u;
const HOST = new RegExp(`^[^/?#]*?[\\w.\\-:@](?=[${CJK}])`, "u");
const TRAILING = /(?:[?!.,:;*_~'·•([{]|&[a-z]+;)$/i;
const CLOSES: Record<string, string> = { ")": "(", "]": "[", "}": "{" };

const KOREAN =
  "(?:이|가|은|는|을|를|의|에|도|만|와|과|로|으로|나|이나|랑|이랑|하고|및|등|" +
  "에서|에서는|에서도|에서만|에는|에도|에만|에게|로는|로도|로만|으로는|으로도|까지|까지는|까지도|부터|부터는|처럼|보다|마다|" +
  "라고|이라고|라는|이라는|라서|라면|로서|로부터|이고|이며|인데|인지|이다|입니다|이에요|예요|이죠|죠|요|이란|란|뿐|쪽|밖에|대로|께서)";
const JAPANESE =
  "(?:を|は|が|に|で|と|へ|も|の|や|か|から|まで|より|です|でした|には|では|とは|への|での|からの|にて|など|という|って)";
/** Words that only ever follow another one: whatever comes behind them is no part of the address either. */
const OBJECT = "(?:을|를|を)";
const BEHIND = new RegExp(`(?<=[\\w\\-~=%&#+)\\]}])(?:(?:${KOREAN}|${JAPANESE})$|${OBJECT}.*$)`, "su");
const BEHIND_SLASH =
  /(?<=\/)(?:을|를|은|는|이|가|의|에|에서|에는|로|으로|와|과|도|까지|입니다|を|は|が|に|で)$/u;
const REMARK = new RegExp(`(?<=[A-Za-z0-9/])\\([${CJK}].*$`, "su");

/** The address at the start of `text`, "" where there is none. */
export function addressIn(text: string): string {
  const start = START.exec(text)?.[0];
  if (!start) return "";
  const words = text.slice(0, MOST);
  const stop = words.search(STOP);
  const whole = stop < 0 ? words : words.slice(0, stop);
  const end = trimmed(start, inBrackets(inHost(start, whole)));
  return end.length > start.length && /[\p{L}\p{N}]/u.test(end.slice(start.length)) ? end : "";
}

/** A host of another script is an address too; a Korean word behind a Latin one is not part of it. */
function inHost(start: string, address: string): string {
  const host = HOST.exec(address.slice(start.length))?.[0];
  return host === undefined || /\.$/.test(host) ? address : start + host;
}

/** Up to the bracket that was opened before the address. */
function inBrackets(address: string): string {
  const open: string[] = [];
  for (let at = 0; at < address.length; at++) {
    const sign = address.charAt(at);
    if ("([{".includes(sign)) open.push(sign);
    else if (sign in CLOSES && open.pop() !== CLOSES[sign]) return address.slice(0, at);
  }
  return address;
}

function trimmed(start: string, address: string): string {
  let now = address;
  let before = "";
  while (now !== before && now.length > start.length) {
    before = now;
    now = inBrackets(
      now.replace(TRAILING, "").replace(REMARK, "").replace(BEHIND, "").replace(BEHIND_SLASH, ""),
    );
  }
  return now;
}
