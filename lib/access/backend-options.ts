import type { Construct } from 'constructs';
import type { IngressBackend } from '../contracts/endpoint';
import {
  dnsLabel,
  headerName,
  listOf,
  matching,
  oneOf,
  routedPath,
  routedPrefix,
} from '../core/option-rules';
import { verify } from '../core/validation';

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

/** @throws InvalidOptionError that names every option of a backend which no controller, or not the guard, can be told. */
export function verifyBackend(scope: Construct, backend: IngressBackend): void {
  const { serviceName, paths, basePath, userHeader, pushes } = backend;
  verify(scope, {
    serviceName: [serviceName, dnsLabel],
    // Of what is exposed below the root, the prefix is "".
    basePath: [basePath || undefined, routedPrefix],
    [`paths of ${serviceName}`]: [paths, listOf(routedPath)],
    userHeader: [userHeader, headerName],
    'pushes.methods': [pushes?.methods, listOf(oneOf('PUT', 'POST', 'DELETE'))],
    'pushes.path': [pushes?.path, nginxExpression],
    'pushes.pathRule': [pushes?.pathRule, nginxText],
    'pushes.unsupported.contentType': [pushes?.unsupported?.contentType, nginxExpression],
    'pushes.unsupported.reason': [pushes?.unsupported?.reason, nginxText],
  });
}
