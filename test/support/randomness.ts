/**
 * Matches tokens that are long enough for a secret. 128 bits are 22 characters in base64. Checksums of configurations
 * have 16 characters, so they do not match.
 */
const TOKEN = /[A-Za-z0-9+/_=-]{20,}/g;

/** Matches keys and digests in hexadecimal. */
const HEX = /^(?=.*\d)(?=.*[a-f])[0-9a-f]+$/;

/** Matches a name in camel case, and a flag in camel case with a number: `-maxConcurrentInserts=4`. */
const CAMEL_CASE = /^-*[a-z]*([A-Z][a-z]+)+(=\d+)?$/;

const KINDS = [/[a-z]/, /[A-Z]/, /\d/];

/**
 * Returns the parts of a text that look random: passwords, keys, hashes. In words, camel case and paths, several
 * letters of the same kind follow each other. In random text, the kind changes at every other character.
 */
export function randomParts(text: string): string[] {
  return (text.match(TOKEN) ?? []).filter(
    (token) => HEX.test(token) || (characterClassChangeShare(token) > 0.3 && !CAMEL_CASE.test(token)),
  );
}

/** Returns the share of neighboring letters and digits that are of different kinds: lower case, upper case, digit. */
function characterClassChangeShare(token: string): number {
  const kinds = [...token].map((sign) => KINDS.findIndex((kind) => kind.test(sign)));
  const pairs = kinds.slice(1).map((kind, index) => [kinds[index], kind]);
  const ofLetters = pairs.filter((pair) => !pair.includes(-1));
  return ofLetters.filter(([one, other]) => one !== other).length / Math.max(1, ofLetters.length);
}
