import { isIP } from 'node:net';
import { type Duration, type Quantity, toBytes, toSeconds } from './units';
import type { Rule } from './validation';

/** Returns a validation rule for a text that matches a pattern and is not longer than a maximum length. */
export const patternRule = (pattern: RegExp, allowed: string, longest = 253): Rule => ({
  allowed,
  accepts: (value) => typeof value === 'string' && value.length <= longest && pattern.test(value),
});

const DNS_LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';

/** Validation rule for a DNS name without scheme, port, path and credentials. */
export const hostName = patternRule(
  new RegExp(`^(?=.*[a-z])(?!.*[^.]{64})${DNS_LABEL}(\\.${DNS_LABEL})+$`),
  'a DNS name in lower case without scheme, port, path or credentials, such as "push.example.com"',
);

/** Returns a validation rule for a DNS label with a maximum length. */
export const shortDnsLabelRule = (longest: number, example: string): Rule =>
  patternRule(
    new RegExp(`^${DNS_LABEL}$`),
    `up to ${longest} lower-case letters, digits and dashes, starting and ending with a letter or digit, such as "${example}"`,
    longest,
  );

/** Validation rule for a DNS label, such as the name of a namespace, Service or container. */
export const dnsLabel = shortDnsLabelRule(63, 'monitoring');

/** Validation rule for a DNS subdomain, which most Kubernetes objects have as a name. */
export const objectName = patternRule(
  new RegExp(`^${DNS_LABEL}(\\.${DNS_LABEL})*$`),
  'up to 253 lower-case letters, digits, dashes and dots, such as "push-credentials"',
);

const LABEL_VALUE = '[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?';

/** Validation rule for a label value, which must not be empty: Prometheus and Loki treat an empty label as missing. */
export const labelValue = patternRule(
  new RegExp(`^${LABEL_VALUE}$`),
  'a label value: 1 to 63 letters, digits, dashes, underscores and dots, such as "reference"',
);

/**
 * Pattern for a label key. The key "constructor" is not allowed: cdk8s drops an object with this field, because the
 * object looks like an instance of a class.
 */
const LABEL_KEY = new RegExp(
  `^(?!constructor$)(${DNS_LABEL}(\\.${DNS_LABEL})*/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$`,
);

/** Validation rule for the key of a Kubernetes label, with an optional DNS prefix. */
export const labelKey = patternRule(
  LABEL_KEY,
  'a label key (an optional DNS prefix with a slash, then a name; not "constructor"), such as "apps.kubeedge.io/belonging-to"',
  317,
);

/** Returns whether a value is an object or an instance of a class, but not a list, function, Date or Map. */
export const isObjectNotList = (value: unknown): value is object =>
  Object.prototype.toString.call(value) === '[object Object]';

/** Validation rule for an object of Kubernetes labels. */
export const labels: Rule = {
  allowed:
    'label keys (an optional DNS prefix with a slash, then a name; not "constructor"), each with a value of up to 63 characters',
  accepts: (value) =>
    isObjectNotList(value) &&
    Object.entries(value).every(
      ([key, held]) => LABEL_KEY.test(key) && (held === '' || labelValue.accepts(held)),
    ),
};

/** Validation rule for an object of Kubernetes annotations, with at most 256 KiB in total. */
export const annotations: Rule = {
  allowed:
    'annotation keys (an optional DNS prefix with a slash, then a name; not "constructor"), each with a text; write numbers and booleans in quotes; at most 256 KiB in total',
  accepts: (value) =>
    isObjectNotList(value) &&
    Object.entries(value).every(([key, held]) => LABEL_KEY.test(key) && typeof held === 'string') &&
    Object.entries(value).flat().join('').length <= 2 ** 18,
};

/** Returns a validation rule for a duration in a range. */
export const durationRule = (from: Duration, to: Duration, example = from): Rule => {
  const [shortest, longest] = [toSeconds(from), toSeconds(to)];
  return {
    allowed: `a duration from "${from}" to "${to}", such as "${example}"`,
    accepts: (value) => {
      const length = typeof value === 'string' ? toSeconds(value as Duration) : Number.NaN;
      return length >= shortest && length <= longest;
    },
  };
};

/**
 * Validation rule for a duration of at least one second. The maximum is 100 years, because Prometheus is written in Go,
 * which only supports durations up to 292 years.
 */
export const duration: Rule = {
  ...durationRule('1s', '100y'),
  allowed: 'a whole number and a unit of s, m, h, d, w or y, up to "100y", such as "15d"',
};

/** Validation rule for a push or scrape interval. */
export const interval = durationRule('1s', '1h', '10s');

/** Validation rule for an amount of memory or storage. Amounts above one exbibyte are refused as probable mistakes. */
export const quantity: Rule = {
  allowed: 'a number and a unit of Ki, Mi, Gi or Ti, up to "1048576Ti", such as "20Gi"',
  accepts: (value) =>
    typeof value === 'string' && toBytes(value as Quantity) >= 1 && toBytes(value as Quantity) <= 2 ** 60,
};

/** Validation rule for an amount of CPU. */
export const cpu = patternRule(
  /^(?!0+m?$)\d{1,7}m?$/,
  'up to seven digits: cores or millicores, such as "1" or "100m"',
);

/** Validation rule for a CIDR range. */
export const cidr: Rule = {
  allowed: 'a CIDR range, such as "10.0.0.0/16" or "2001:db8:1::/48"',
  accepts: (value) => {
    const [, address = '', bits = ''] = /^([^/%]+)\/(0|[1-9]\d{0,2})$/.exec(String(value)) ?? [];
    const most = { 4: 32, 6: 128 }[isIP(address)] ?? -1;
    return typeof value === 'string' && Number(bits || Number.NaN) <= most;
  },
};

/** Validation rule for a URL path below a host name. */
export const pathPrefix = patternRule(
  /^(\/[A-Za-z0-9._~-]+)+$/,
  'a path that starts with a slash and does not end with one, such as "/services"',
);

/** Validation rule for a URL path with characters that every ingress controller supports. */
export const routedPrefix = patternRule(
  /^(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._-]+)+$/,
  'a path of letters, digits, "-", "_" and "." that starts with a slash and does not end with one, such as "/services"',
);

/** Validation rule for a URL path that every ingress controller supports, or the root path. */
export const routedPath: Rule = {
  allowed: `"/", or ${routedPrefix.allowed}`,
  accepts: (value) => value === '/' || routedPrefix.accepts(value),
};

/** Validation rule for the name of an HTTP header. */
export const headerName = patternRule(
  /^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$/,
  'the name of an HTTP header, such as "X-Auth-User"',
);

/** Validation rule for the metrics path of an exporter. */
export const metricsPath = patternRule(
  /^\/[^\s]*$/,
  'a path that starts with a slash, such as "/metrics"',
  2_000,
);

/** Rule for a value of the label `job`. Dollar and percent signs are refused, because programs would expand them. */
export const jobLabel: Rule = {
  allowed: 'a text of 1 to 200 printable characters without "$" and "%", such as "node_exporter"',
  accepts: (value) => typeof value === 'string' && /^[^\p{Cc}$%]{1,200}$/u.test(value),
};

/** Validation rule for a TCP port. */
export const port: Rule = {
  allowed: 'a whole number from 1 to 65535',
  accepts: (value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 65_535,
};

/** Validation rule for a label name in Prometheus and Loki. Two leading underscores are reserved. */
export const labelName = patternRule(
  /^(?!__)[A-Za-z_][A-Za-z0-9_]*$/,
  'letters, digits and underscores, not starting with a digit or two underscores',
);

/** Validation rule for a key of a ConfigMap. The key becomes a file name when the ConfigMap is mounted. */
export const configMapKey = patternRule(
  /^(?!\.{1,2}$|\.\.|constructor$)[-\w.]+$/,
  'up to 253 letters, digits, "-", "_" and ".", such as "ca.crt"',
);

/** Validation rule for an absolute path on a node. */
export const absolutePath: Rule = {
  allowed: 'an absolute path without "..", such as "/var/lib/docker/containers"',
  accepts: (value) =>
    typeof value === 'string' && /^\/[^:]*$/.test(value) && !value.split('/').includes('..'),
};

/** Returns a validation rule for a text that is one of several words. */
export const oneOfRule = (...words: readonly string[]): Rule => ({
  allowed: words.map((word) => JSON.stringify(word)).join(' or '),
  accepts: (value) => words.includes(value as string),
});

/** Returns a validation rule for an integer in a range. */
export const wholeNumberRule = (from: number, to: number): Rule => ({
  allowed: `a whole number from ${from} to ${to}`,
  accepts: (value) => Number.isInteger(value) && (value as number) >= from && (value as number) <= to,
});

/** Returns a validation rule for a list whose members all match `rule`. An error is about the whole list. */
export const listRuleWithSingleError = (rule: Rule): Rule => ({
  allowed: `a list, each member ${rule.allowed}`,
  accepts: (value) => Array.isArray(value) && value.every((member) => rule.accepts(member)),
});

/** Returns a validation rule for a list without duplicates whose members all match `rule`. An error is about the whole list. */
export const distinctListRuleWithSingleError = (rule: Rule): Rule => ({
  allowed: `a list of distinct members, each ${rule.allowed}`,
  accepts: (value) =>
    listRuleWithSingleError(rule).accepts(value) &&
    new Set(value as readonly unknown[]).size === (value as readonly unknown[]).length,
});

/** Returns a validation rule for a list of at least one member, whose members all match `rule`. An error is about the whole list. */
export const nonEmptyListRuleWithSingleError = (rule: Rule): Rule => ({
  allowed: `a non-empty list, each member ${rule.allowed}`,
  accepts: (value) =>
    listRuleWithSingleError(rule).accepts(value) && (value as readonly unknown[]).length > 0,
});

/** Validation rule for a boolean. */
export const yesOrNo: Rule = {
  allowed: 'true or false',
  accepts: (value) => typeof value === 'boolean',
};

/** Validation rule for the kind of an External Secrets store. */
export const storeKind = oneOfRule('SecretStore', 'ClusterSecretStore');

/** Validation rule for the prefix of the keys in an External Secrets store. */
export const storePrefix = patternRule(
  /^[\w./-]*$/,
  'letters, digits, "_", ".", "/" and "-", such as "edge/"',
);
