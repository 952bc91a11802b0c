// The address of a file: asked for when it is shown, and once more when it turns out to be of no use.
import { useEffect, useState } from "preact/hooks";
import { usePage } from "./page";

export interface Found {
  url: string;
  failed: boolean;
  /** The address did not work. */
  lost(): void;
  retry(): void;
}

const TRIES = 2;

export function usePlace(id: string): Found {
  const { places } = usePage();
  const [url, setUrl] = useState("");
  const [tries, setTries] = useState(1);
  const failed = tries > TRIES;
  useEffect(() => {
    if (failed) return;
    let current = true;
    places.find(id).then(
      (found) => current && setUrl(found),
      () => current && setTries(TRIES + 1),
    );
    return () => {
      current = false;
    };
  }, [id, tries]);
  const lost = () => {
    places.forget(id);
    setUrl("");
    setTries(tries + 1);
  };
  return { url, failed, lost, retry: () => setTries(1) };
}
