import { type App, Chart } from 'cdk8s';
import type { Settings } from '../../lib';
import { environment, SETTINGS } from './charts';
import { CLOUD } from './cloud';
import { EDGE } from './edge';
import { FUNCTIONS } from './functions';
import { type Maker, madeIn } from './makers';
import { METHODS } from './methods';
import { mutated, one, seeded } from './mutations';

/** Objects and results that are built from options that a seed changed. */
export interface FuzzCase {
  readonly what: string;
  readonly options: unknown;
  readonly build: (app: App) => void;
}

/** Every construct, method and function with options. */
export const MAKERS: Readonly<Record<string, Maker>> = { ...CLOUD, ...EDGE, ...FUNCTIONS, ...METHODS };

const ofSettings = (what: string, options: unknown): FuzzCase => ({
  what: `settings: ${what}`,
  options,
  build: (app) => environment(app, options as Settings),
});

/** A call with these options. */
export const ofMaker = (what: string, maker: Maker, options: unknown): FuzzCase => ({
  what,
  options,
  build: (app) => madeIn(new Chart(app, 'chart'), maker, options),
});

/** Every case before anything of it is changed. */
export const unchanged: readonly FuzzCase[] = [
  ...Object.entries(SETTINGS).map(([what, options]) => ofSettings(what, options)),
  ...Object.entries(MAKERS).map(([what, maker]) => ofMaker(what, maker, maker.options)),
];

/** The case of a seed: an environment's settings, or the options of one call. */
export function caseOf(seed: number): FuzzCase {
  const random = seeded(seed);
  if (random() < 0.25) {
    const [what, settings] = one(Object.entries(SETTINGS), random);
    return ofSettings(what, mutated(grafted(settings, random), random));
  }
  const [what, maker] = one(Object.entries(MAKERS), random);
  return ofMaker(what, maker, mutated(maker.options, random));
}

/** Settings with one setting of others, in a quarter of all cases. */
function grafted(settings: Settings, random: () => number): Settings {
  if (random() > 0.25) return settings;
  const other = one(Object.values(SETTINGS), random);
  const name = one(Object.keys(other), random);
  return { ...settings, [name]: Reflect.get(other, name) };
}
