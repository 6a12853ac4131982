/** An Alloy expression, such as a reference to another component. Unlike a string, it is rendered without quotes. */
export class AlloyExpression {
  constructor(readonly text: string) {}
}

/** A value of an Alloy attribute. */
export type AlloyValue =
  | string
  | number
  | boolean
  | AlloyExpression
  | readonly AlloyValue[]
  | { readonly [key: string]: AlloyValue };

/** A block of Alloy's configuration: its name, label, attributes and nested blocks. */
export interface AlloyBlock {
  readonly block: string;
  readonly label?: string;
  readonly attributes?: Readonly<Record<string, AlloyValue>>;
  readonly blocks?: readonly AlloyBlock[];
}

/** Returns an Alloy expression with the given text, such as `loki.write.default.receiver`. */
export const rawAlloyExpression = (text: string): AlloyExpression => new AlloyExpression(text);

/**
 * Renders a configuration in Alloy's syntax
 * (https://grafana.com/docs/alloy/latest/get-started/configuration-syntax/).
 */
export function renderAlloyConfig(blocks: readonly AlloyBlock[]): string {
  return `${blocks.map((block) => renderBlock(block, '')).join('\n\n')}\n`;
}

function renderBlock({ block, label, attributes = {}, blocks = [] }: AlloyBlock, indent: string): string {
  const inner = `${indent}  `;
  const lines = [
    ...Object.entries(attributes).map(([name, value]) => `${inner}${name} = ${renderValue(value)}`),
    ...blocks.map((nested) => renderBlock(nested, inner)),
  ];
  const head = `${indent}${block}${label ? ` ${JSON.stringify(label)}` : ''} {`;
  return lines.length ? [head, ...lines, `${indent}}`].join('\n') : `${head} }`;
}

function renderValue(value: AlloyValue): string {
  if (value instanceof AlloyExpression) return value.text;
  if (Array.isArray(value)) return `[${value.map(renderValue).join(', ')}]`;
  if (typeof value !== 'object') return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, held]) => `${JSON.stringify(key)} = ${renderValue(held)}`)
    .join(', ')}}`;
}
