import type { Series } from './answers';
import type { Panel, Transformation } from './model';

export type Cell = string | number | null;

/** Names of the columns, and rows with a cell for each column. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, Cell>>[];
}

/** Transformations that the preview supports, by Grafana's id. */
const TRANSFORMATIONS: Readonly<Record<string, (table: Table, options: Transformation['options']) => Table>> =
  {
    // These two transformations are applied when the rows are created.
    filterFieldsByName: (table) => table,
    merge: (table) => table,
    organize: organizeColumns,
    sortBy,
    limit: (table, { limitField }) => ({ ...table, rows: table.rows.slice(0, Number(limitField)) }),
  };

/**
 * Creates a table from the series of instant queries, as Grafana does: with a column for the time, for each label and
 * for each query. Series with equal labels share a row.
 */
export function toTable(
  { targets = [], transformations = [], options }: Panel,
  series: readonly Series[],
): Table {
  const columnName = (refId: string) => (targets.length > 1 ? `Value #${refId}` : 'Value');
  const left = hiddenFields(transformations);
  const labels = [...new Set(series.flatMap((one) => Object.keys(one.labels)))]
    .filter((label) => !left.includes(label))
    .sort();
  const rows = new Map<string, Record<string, Cell>>();
  for (const { refId, labels: own, times, values } of series) {
    const key = JSON.stringify(labels.map((label) => own[label] ?? ''));
    const named = labels.map((label) => [label, own[label] ?? null] as const);
    const row = rows.get(key) ?? { Time: (times.at(-1) ?? 0) * 1000, ...Object.fromEntries(named) };
    rows.set(key, { ...row, [columnName(refId)]: values.at(-1) ?? null });
  }
  const asked = [...new Set(targets.map(({ refId }) => columnName(refId)))];
  const table = { columns: ['Time', ...labels, ...asked], rows: [...rows.values()] };
  return sortRows(transformations.reduce(applyTransformation, table), options?.sortBy);
}

/** Returns the columns that are removed before rows with equal labels are merged. */
function hiddenFields(transformations: readonly Transformation[]): readonly string[] {
  return transformations.flatMap(({ id, options }) => {
    const { names = [] } = (options.exclude ?? {}) as { names?: readonly string[] };
    return id === 'filterFieldsByName' ? names : [];
  });
}

function applyTransformation(table: Table, { id, options, disabled }: Transformation): Table {
  if (disabled) return table;
  const transform = TRANSFORMATIONS[id];
  if (!transform) throw new Error(`the preview does not support the transformation "${id}"`);
  return transform(table, options);
}

/** Removes, orders and renames columns. */
function organizeColumns({ columns, rows }: Table, options: Transformation['options']): Table {
  const {
    excludeByName = {},
    renameByName = {},
    indexByName = {},
  } = options as {
    excludeByName?: Record<string, boolean>;
    renameByName?: Record<string, string>;
    indexByName?: Record<string, number>;
  };
  const columnIndex = (column: string) => indexByName[column] ?? Number.MAX_SAFE_INTEGER;
  const kept = columns
    .filter((column) => !excludeByName[column])
    .sort(
      (one, other) => columnIndex(one) - columnIndex(other) || columns.indexOf(one) - columns.indexOf(other),
    );
  const columnTitle = (column: string) => renameByName[column] || column;
  return {
    columns: kept.map(columnTitle),
    rows: rows.map((row) =>
      Object.fromEntries(kept.map((column) => [columnTitle(column), row[column] ?? null])),
    ),
  };
}

function sortBy(table: Table, { sort = [] }: Transformation['options']): Table {
  const fields = sort as readonly { readonly field: string; readonly desc?: boolean }[];
  return sortRows(
    table,
    fields.map(({ field, desc }) => ({ displayName: field, desc })),
  );
}

function sortRows(
  table: Table,
  [first]: readonly { readonly displayName: string; readonly desc?: boolean }[] = [],
): Table {
  if (!first) return table;
  const sign = first.desc ? -1 : 1;
  const rows = [...table.rows].sort(
    (one, other) => sign * compareCells(one[first.displayName] ?? null, other[first.displayName] ?? null),
  );
  return { ...table, rows };
}

function compareCells(one: Cell, other: Cell): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  return `${one ?? ''}`.localeCompare(`${other ?? ''}`, 'en', { numeric: true });
}
