import { colorOf, type Theme, thresholdColor } from './colors';
import type { FieldOptions, Mapping, Override, Panel } from './model';
import { unitFormat } from './units';

/** A formatted value, and its color. */
export interface Shown {
  readonly text: string;
  readonly color?: string;
}

/** Returns the options of a field: the defaults of the panel, changed by the overrides that match the field. */
export function fieldOptions({ fieldConfig = {} }: Panel, name: string, refId?: string): FieldOptions {
  const applied = (fieldConfig.overrides ?? []).filter((override) => matchesField(override, name, refId));
  return applied
    .flatMap(({ properties }) => properties)
    .reduce<FieldOptions>(withProperty, fieldConfig.defaults ?? {});
}

function matchesField({ matcher: { id, options } }: Override, name: string, refId?: string): boolean {
  if (id === 'byName') return options === name;
  if (id === 'byFrameRefID') return options === refId;
  if (id === 'byRegexp') return parseRegex(`${options}`).test(name);
  return false;
}

/** Parses a regular expression as Grafana writes it: `/expression/flags`, or only the expression. */
function parseRegex(text: string): RegExp {
  const [, source = text, flags = ''] = /^\/(.*)\/([a-z]*)$/s.exec(text) ?? [];
  return new RegExp(source, flags);
}

function withProperty(
  options: FieldOptions,
  { id, value }: { readonly id: string; readonly value?: unknown },
): FieldOptions {
  const [group, key] = id.split('.') as [string, string?];
  if (group === 'custom' && key) return { ...options, custom: { ...options.custom, [key]: value } };
  return { ...options, [group]: value };
}

/** Formats a value with the value mappings, the unit and the thresholds of its field. */
export function formatField(value: number | null, options: FieldOptions, theme: Theme): Shown {
  const mapped = findMapping(value, options.mappings ?? []);
  const byThreshold = thresholdColor(value, options, theme);
  if (mapped?.text !== undefined)
    return { text: mapped.text, color: mapped.color ? colorOf(mapped.color, theme) : byThreshold };
  const color = mapped?.color ? colorOf(mapped.color, theme) : byThreshold;
  if (value === null) return { text: options.noValue ?? '-', color };
  return { text: unitFormat(options.unit)(value, options.decimals), color };
}

interface Mapped {
  readonly text?: string;
  readonly color?: string;
}

function findMapping(value: number | null, mappings: readonly Mapping[]): Mapped | undefined {
  const found = mappings.find((one) => isMapped(value, one));
  return (found?.type === 'value' ? found.options[`${value}`] : found?.options.result) as Mapped | undefined;
}

function isMapped(value: number | null, { type, options }: Mapping): boolean {
  const { from, to, match } = options as { from?: number | null; to?: number | null; match?: string };
  if (type === 'value') return `${value}` in options;
  if (type === 'range') return value !== null && value >= (from ?? -Infinity) && value <= (to ?? Infinity);
  return type === 'special' && value === null && /null|nan|empty/.test(match ?? '');
}
