import { parser } from '@prometheus-io/lezer-promql';

/** Names of the metrics that an expression reads. */
export function metricsOf(expr: string): string[] {
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
