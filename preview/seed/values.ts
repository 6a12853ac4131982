/** A function that returns the value at a time in seconds since 1970. */
export type At = (time: number) => number;

/** Returns a pseudo-random number from 0 to 1, which is always the same for the same text and step. */
export function pseudoRandomFraction(text: string, step = 0): number {
  let hash = 0x811c9dc5 ^ step;
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

const DAY = 86_400;
const HOUR = 3_600;

export const constantValue =
  (value: number): At =>
  () =>
    value;

/** Returns values that vary around a mean: with the time of day, in waves, and randomly. */
export function varyingValue(name: string, middle: number, spread: number): At {
  const [day, wave] = [pseudoRandomFraction(`${name}/day`) * DAY, (0.6 + pseudoRandomFraction(name)) * HOUR];
  return (time) =>
    middle +
    spread *
      (0.5 * Math.sin((2 * Math.PI * (time + day)) / DAY) +
        0.3 * Math.sin((2 * Math.PI * time) / wave) +
        0.4 * (pseudoRandomFraction(name, Math.floor(time / 60)) - 0.5));
}

/** Returns whole numbers that vary around a mean. */
export const varyingWholeNumber = (name: string, middle: number, spread: number): At => {
  const at = varyingValue(name, middle, spread);
  return (time) => Math.round(at(time));
};

/** Returns values that increase at a varying rate. */
export function increasingValue(name: string, perSecond: number, since = 0): At {
  const wave = (0.8 + pseudoRandomFraction(name)) * HOUR;
  const turn = wave / (2 * Math.PI);
  return (time) => Math.max(0, perSecond * (time - since + 0.6 * turn * Math.sin(time / turn)));
}
