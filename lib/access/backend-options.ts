import type { Construct } from 'constructs';
import type { IngressBackend, PushRule, UnsupportedBody } from '../contracts/endpoint';
import { networkServer } from '../core/network-rules';
import {
  dnsLabel,
  headerName,
  oneOfRule,
  patternRule,
  routedPath,
  routedPrefix,
  wholeNumberRule,
  yesOrNo,
} from '../core/option-rules';
import { type OptionTable, optionsRule, validateAndApplyDefaults } from '../core/option-table';
import { listRule } from '../core/structure-rules';

/**
 * Validation rule for a text that nginx configurations contain in double quotes. `$` is not allowed, because nginx
 * cannot escape it.
 */
const nginxText = patternRule(
  /^[^"\\$\p{Cc}]+$/u,
  'one line of text without double quotes, backslashes and "$", because nginx would interpret these characters',
  2_000,
);

/** Validation rule for a regular expression that nginx configurations contain in double quotes. */
const nginxExpression = patternRule(
  /^[^"\p{Cc}]+$/u,
  'one line with a regular expression (PCRE) without double quotes; write "\\x22" for a double quote',
  4_000,
);

/** Validation rules of the options of `UnsupportedBody`. */
export const UNSUPPORTED_BODY = {
  contentType: { rule: nginxExpression },
  reason: { rule: nginxText },
} satisfies OptionTable<UnsupportedBody>;

/** Validation rules of the options of `PushRule`. */
export const PUSH_RULE = {
  methods: { rule: listRule(oneOfRule('PUT', 'POST', 'DELETE')) },
  path: { rule: nginxExpression },
  pathRule: { rule: nginxText, default: undefined },
  unsupported: { rule: optionsRule<UnsupportedBody>(UNSUPPORTED_BODY), default: undefined },
  retriesRefusedUsers: { rule: yesOrNo, default: false },
  inFlight: { rule: wholeNumberRule(1, 1_000_000), default: undefined },
} satisfies OptionTable<PushRule>;

/** Validation rules of the options of `IngressBackend`. */
export const BACKEND_OPTIONS = {
  namespace: { rule: dnsLabel },
  serviceName: { rule: dnsLabel },
  server: { rule: networkServer },
  // The prefix is "" for a backend at the root of the host.
  basePath: {
    rule: { ...routedPrefix, accepts: (value) => value === '' || routedPrefix.accepts(value) },
    default: undefined,
  },
  paths: { rule: listRule(routedPath) },
  pushes: { rule: optionsRule<PushRule>(PUSH_RULE), default: undefined },
  userHeader: { rule: headerName, default: undefined },
  nodeHeader: { rule: headerName, default: undefined },
  groupStamp: { rule: oneOfRule('grouping-key', 'extra-label'), default: undefined },
  pushedByNodes: { rule: yesOrNo, default: false },
} satisfies OptionTable<IngressBackend>;

/**
 * Validates a backend of an ingress.
 * @throws InvalidOptionError that lists every option that the ingress controllers or the guard do not support.
 */
export function validateBackend(scope: Construct, backend: IngressBackend): void {
  validateAndApplyDefaults(scope, backend, BACKEND_OPTIONS);
}
