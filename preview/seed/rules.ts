import { join } from 'node:path';
import { parse } from 'yaml';
import { findOnly, loadManifests } from '../../test/support/manifests';

/** A rule in Prometheus's format. */
export interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Returns all rules in the manifests of an environment. @param manifests folder of the environment's manifests */
export function readRules(manifests: string): Rule[] {
  const { data } = findOnly(loadManifests(join(manifests, 'cloud')), 'ConfigMap', 'prometheus-rules');
  return Object.values<string>(data).flatMap((text) =>
    parse(text).groups.flatMap(({ rules }: { rules: Rule[] }) => rules),
  );
}

/** Returns whether a text contains the name of a metric. The text is an expression, or JSON with expressions. */
export const readsMetric = (text: string, metric: string): boolean =>
  new RegExp(`(?<![\\w:])${metric}(?![\\w:])`).test(text);

/** Returns the rules whose results a text reads, directly or through other rules. The text contains expressions. */
export function rulesUsedBy(text: string, rules: readonly Rule[]): readonly Rule[] {
  const found = new Set<Rule>();
  let texts = [text];
  while (texts.length) {
    const more = rules.filter(
      (rule) => !found.has(rule) && texts.some((one) => readsMetric(one, rule.record ?? 'ALERTS')),
    );
    for (const rule of more) found.add(rule);
    texts = more.map(({ expr }) => expr);
  }
  return rules.filter((rule) => found.has(rule));
}
