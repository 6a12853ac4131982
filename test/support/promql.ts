import { parser } from '@prometheus-io/lezer-promql';

/** Returns the names of the metrics that an expression reads. */
export function metricsInQuery(expr: string): string[] {
  const names = new Set<string>();
  parser.parse(expr).iterate({
    enter(node) {
      if (node.name !== 'VectorSelector') return;
      const [, name] = /^([a-zA-Z_:][\w:]*)/.exec(expr.slice(node.from, node.to)) ?? [];
      if (name) names.add(name);
    },
  });
  return [...names];
}

/** Returns the range selectors of an expression: the name of the metric, and the range as written, such as `5m`. */
export function rangesInQuery(expr: string): { readonly metric: string; readonly range: string }[] {
  const found: { metric: string; range: string }[] = [];
  parser.parse(expr).iterate({
    enter(node) {
      if (node.name !== 'MatrixSelector') return;
      const [, metric = '', range = ''] =
        /^([a-zA-Z_:][\w:]*)[\s\S]*\[\s*(\w+)\s*\]$/.exec(expr.slice(node.from, node.to)) ?? [];
      found.push({ metric, range });
    },
  });
  return found;
}
