import type { Construct } from 'constructs';
import { isRecord, matching } from '../core/option-rules';
import { invalid, ofEach, type Rule, verify } from '../core/validation';

/** One of several targets that an exporter reads, such as a device on a bus or a host to probe. */
export interface ExporterTarget {
  /** Label `instance` of what is read of it: unique among the exporter's targets. */
  readonly instance: string;
  /** Parameters of the request, such as `{ target: '192.0.2.7', module: 'if_mib' }`. */
  readonly params: Readonly<Record<string, string>>;
}

const instance = matching(
  /^[A-Za-z0-9]([A-Za-z0-9._:@-]*[A-Za-z0-9])?$/,
  'letters, digits and . _ : @ -, beginning and ending with a letter or digit, such as "plc-1"',
  128,
);

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

const params: Rule = {
  allowed:
    'one or more parameters of letters, digits and underscores, each with a text without "%{", such as { target: "192.0.2.7" }',
  accepts: (value) =>
    isRecord(value) &&
    Object.keys(value).length > 0 &&
    Object.entries(value).every(
      ([name, held]) =>
        NAME.test(name) && typeof held === 'string' && /^(?!.*%\{)[^\p{Cc}]{1,1000}$/u.test(held),
    ),
};

/** @throws InvalidOptionError when a target is not allowed, or two have the same instance. */
export function verifyTargets(scope: Construct, targets: readonly ExporterTarget[]): void {
  if (!Array.isArray(targets) || targets.length === 0) {
    throw invalid(scope, 'targets is empty; allowed: a list of { instance, params }, or leave it out');
  }
  verify(scope, {
    ...ofEach('targets', targets, (target) => ({
      instance: [target.instance ?? null, instance],
      params: [target.params ?? null, params],
    })),
  });
  const names = targets.map((target) => target.instance);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw invalid(
      scope,
      `targets has the instance ${JSON.stringify(twice)} twice: give one of them another name`,
    );
  }
}

/** The path and query of a target's metrics. */
export const pathOf = (metricsPath: string, { params: given }: ExporterTarget): string =>
  `${metricsPath}${metricsPath.includes('?') ? '&' : '?'}${new URLSearchParams(given)}`;
