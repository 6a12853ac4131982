import type { FieldOptions } from './model';

export type Theme = 'light' | 'dark';

type Shades = readonly [superLight: string, light: string, plain: string, semiDark: string, dark: string];

/** Shades of Grafana's colors, by theme and color. */
const HUES: Readonly<Record<Theme, Readonly<Record<string, Shades>>>> = {
  dark: {
    red: ['#FFA6B0', '#FF7383', '#F2495C', '#E02F44', '#C4162A'],
    orange: ['#FFCB7D', '#FFB357', '#FF9830', '#FF780A', '#FA6400'],
    yellow: ['#FFF899', '#FFEE52', '#FADE2A', '#F2CC0C', '#E0B400'],
    green: ['#C8F2C2', '#96D98D', '#73BF69', '#56A64B', '#37872D'],
    blue: ['#C0D8FF', '#8AB8FF', '#5794F2', '#3274D9', '#1F60C4'],
    purple: ['#DEB6F2', '#CA95E5', '#B877D9', '#A352CC', '#8F3BB8'],
  },
  light: {
    red: ['#FF7383', '#F2495C', '#E02F44', '#C4162A', '#AD0317'],
    orange: ['#FFB357', '#FF9830', '#FF780A', '#FA6400', '#E55400'],
    yellow: ['#FFEE52', '#FADE2A', '#F2CC0C', '#E0B400', '#CC9D00'],
    green: ['#96D98D', '#73BF69', '#56A64B', '#37872D', '#19730E'],
    blue: ['#8AB8FF', '#5794F2', '#3274D9', '#1F60C4', '#1250B0'],
    purple: ['#CA95E5', '#B877D9', '#A352CC', '#8F3BB8', '#7C2EA3'],
  },
};

const SHADES = ['super-light-', 'light-', '', 'semi-dark-', 'dark-'];

/** Grafana's classic palette: the colors of series, in order. */
const PALETTE = [
  ...['green', 'semi-dark-yellow', 'blue', 'orange', 'red', 'purple'],
  ...['dark-green', 'dark-yellow', 'dark-blue', 'dark-orange', 'dark-red', 'dark-purple'],
  ...['super-light-green', 'super-light-yellow', 'super-light-blue'],
  ...['super-light-orange', 'super-light-red', 'super-light-purple'],
  ...['#447EBC', '#C15C17', '#890F02', '#0A437C', '#6D1F62', '#584477', '#B7DBAB', '#F4D598'],
];

/**
 * Returns the CSS color for a color name of Grafana, such as `dark-red`. Other names are returned unchanged, because
 * they are CSS colors.
 */
export function colorOf(name: string, theme: Theme): string {
  if (name === 'text') return theme === 'dark' ? '#CCCCDC' : '#24292E';
  for (const [hue, shades] of Object.entries(HUES[theme])) {
    const shade = SHADES.findIndex((prefix) => `${prefix}${hue}` === name);
    if (shade >= 0) return shades[shade] as string;
  }
  return name;
}

/** Returns the color of a series by its index in the panel. */
export const seriesColor = (index: number, theme: Theme): string =>
  colorOf(PALETTE[index % PALETTE.length] as string, theme);

/** Returns the color of a value: the color of the highest threshold that the value reaches. */
export function thresholdColor(
  value: number | null,
  { thresholds, min = 0, max = 100 }: FieldOptions,
  theme: Theme,
): string {
  const steps = thresholds?.steps ?? [];
  const measured = thresholds?.mode === 'percentage' ? (((value ?? 0) - min) / (max - min)) * 100 : value;
  const reached = steps.filter(
    (step) => step.value === null || (measured !== null && measured >= step.value),
  );
  return colorOf(reached.at(-1)?.color ?? 'text', theme);
}
