/** 128 bits take 22 letters of base64; the checksums of configurations take 16. */
const TOKEN = /[A-Za-z0-9+/_=-]{20,}/g;

/** Keys and digests in hexadecimal. */
const HEX = /^(?=.*\d)(?=.*[a-f])[0-9a-f]+$/;

/** A name, or a flag of that name with a number. */
const CAMEL_CASE = /^-*[a-z]*([A-Z][a-z]+)+(=\d+)?$/;

const KINDS = [/[a-z]/, /[A-Z]/, /\d/];

/**
 * Returns parts of a text that no human wrote: passwords, keys, hashes. Words have several letters of the same kind in
 * a row, also in camel case and in paths; random text changes the kind at every other letter.
 */
export function randomParts(text: string): string[] {
  return (text.match(TOKEN) ?? []).filter(
    (token) => HEX.test(token) || (characterClassChanges(token) > 0.3 && !CAMEL_CASE.test(token)),
  );
}

/** How many neighbours of all that are letters or digits are not of one kind. */
function characterClassChanges(token: string): number {
  const kinds = [...token].map((sign) => KINDS.findIndex((kind) => kind.test(sign)));
  const pairs = kinds.slice(1).map((kind, index) => [kinds[index], kind]);
  const ofLetters = pairs.filter((pair) => !pair.includes(-1));
  return ofLetters.filter(([one, other]) => one !== other).length / Math.max(1, ofLetters.length);
}
