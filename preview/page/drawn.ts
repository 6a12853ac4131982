import { reduce, type Series } from '../grafana/answers';
import { colorOf, seriesColor, type Theme } from '../grafana/colors';
import { optionsOf } from '../grafana/fields';
import type { FieldOptions, Panel } from '../grafana/model';
import { formatOf } from '../grafana/units';

/** A series with how it is drawn. */
export interface Drawn {
  readonly series: Series;
  readonly options: FieldOptions;
  readonly color: string;
  readonly name: string;
}

/** A series with its options and its color: one of its own, or the next of the palette. */
export function drawnOf(panel: Panel, series: Series, index: number, theme: Theme): Drawn {
  const options = optionsOf(panel, series.name, series.refId);
  const { mode, fixedColor } = options.color ?? {};
  const color = mode === 'fixed' && fixedColor ? colorOf(fixedColor, theme) : seriesColor(index, theme);
  return { series, options, color, name: options.displayName ?? series.name };
}

/** A calculation of a series, as legends show it. */
export function calculated({ series, options }: Drawn, calculation: string): string {
  const value = reduce(series.values, calculation);
  return value === null ? '-' : formatOf(options.unit)(value, options.decimals);
}
