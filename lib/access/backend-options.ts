import type { Construct } from 'constructs';
import type { IngressBackend, PushRule, UnsupportedBody } from '../contracts/endpoint';
import { networkServer } from '../core/network-rules';
import {
  dnsLabel,
  headerName,
  matching,
  oneOf,
  routedPath,
  routedPrefix,
  wholeNumber,
  yesOrNo,
} from '../core/option-rules';
import { each, options, type RuleTable, required, verifyOptions } from '../core/structure-rules';

/** A text between double quotes of nginx, which has no way to escape `$`. */
const nginxText = matching(
  /^[^"\\$\p{Cc}]+$/u,
  'a text in one line without double quotes, backslashes and "$", which nginx would take for its own',
  2_000,
);

/** A regular expression between double quotes of nginx. */
const nginxExpression = matching(
  /^[^"\p{Cc}]+$/u,
  'a regular expression (PCRE) in one line without double quotes: "\\x22" stands for one',
  4_000,
);

const pushes = options<PushRule>({
  methods: required(each(oneOf('PUT', 'POST', 'DELETE'))),
  path: required(nginxExpression),
  pathRule: nginxText,
  unsupported: options<UnsupportedBody>({
    contentType: required(nginxExpression),
    reason: required(nginxText),
  }),
  retriesRefusedUsers: yesOrNo,
  inFlight: wholeNumber(1, 1_000_000),
});

const OPTIONS: RuleTable<IngressBackend> = {
  namespace: required(dnsLabel),
  serviceName: required(dnsLabel),
  server: required(networkServer),
  // Of what is exposed below the root, the prefix is "".
  basePath: { ...routedPrefix, accepts: (value) => value === '' || routedPrefix.accepts(value) },
  paths: required(each(routedPath)),
  pushes,
  userHeader: headerName,
  groupStamp: oneOf('grouping-key', 'extra-label'),
};

/** @throws InvalidOptionError that names every option of a backend which no controller, or not the guard, can be told. */
export function verifyBackend(scope: Construct, backend: IngressBackend): void {
  verifyOptions(scope, backend, OPTIONS);
}
