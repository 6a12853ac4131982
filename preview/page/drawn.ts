import { reduceValues, type Series } from '../grafana/answers';
import { colorOf, seriesColor, type Theme } from '../grafana/colors';
import { fieldOptions } from '../grafana/fields';
import type { FieldOptions, Panel } from '../grafana/model';
import { unitFormat } from '../grafana/units';

/** A series with its display options, color and name. */
export interface Drawn {
  readonly series: Series;
  readonly options: FieldOptions;
  readonly color: string;
  readonly name: string;
}

/**
 * Returns a series with its display options and color. The color is the fixed color of the series, or the color of the
 * palette for this index.
 */
export function toDrawn(panel: Panel, series: Series, index: number, theme: Theme): Drawn {
  const options = fieldOptions(panel, series.name, series.refId);
  const { mode, fixedColor } = options.color ?? {};
  const color = mode === 'fixed' && fixedColor ? colorOf(fixedColor, theme) : seriesColor(index, theme);
  return { series, options, color, name: options.displayName ?? series.name };
}

/** Calculates a value of a series, such as its maximum, and formats it for a legend. */
export function calculatedText({ series, options }: Drawn, calculation: string): string {
  const value = reduceValues(series.values, calculation);
  return value === null ? '-' : unitFormat(options.unit)(value, options.decimals);
}
