import type { PrivateCa, PublicEndpoint } from '../contracts/endpoint';
import type { LogSink } from '../contracts/log-sink';
import type { MetricsSink } from '../contracts/metrics-sink';
import { groupNames } from '../core/groups';
import { hostName, objectName, pathPrefix, verify } from '../core/validation';
import { connectPushClient } from './push-client';

/** A server outside this stack that the edge reaches over HTTPS with Basic Auth. */
export interface ImportedSinkProps {
  /** Public DNS name. */
  readonly host: string;
  /** Path before the protocol's own. @default - none */
  readonly basePath?: string;
  /** Secret of type `kubernetes.io/basic-auth` in the namespace of each client. */
  readonly credentialsSecretName: string;
  /** Groups of nodes that have users of their own there. @default - all nodes push as the same user */
  readonly groups?: readonly string[];
  /** @default - a public authority signed the certificate */
  readonly privateCa?: PrivateCa;
}

/**
 * A Pushgateway that exists already.
 *
 * @throws InvalidOptionError when the host, the path or the Secret's name is not allowed.
 */
export function fromPushgateway(props: ImportedSinkProps): MetricsSink {
  const endpoint = imported('fromPushgateway', props);
  return {
    protocol: 'pushgateway',
    endpoint,
    connect: (workload, options) => connectPushClient(endpoint, workload, options),
  };
}

/**
 * A Loki that exists already.
 *
 * @throws InvalidOptionError when the host, the path or the Secret's name is not allowed.
 */
export function fromLoki(props: ImportedSinkProps): LogSink {
  return { endpoint: imported('fromLoki', props) };
}

function imported(where: string, props: ImportedSinkProps): PublicEndpoint {
  verify(where, {
    host: [props.host ?? null, hostName],
    basePath: [props.basePath, pathPrefix],
    credentialsSecretName: [props.credentialsSecretName ?? null, objectName],
    groups: [props.groups, groupNames],
    'privateCa.configMapName': [props.privateCa?.configMapName, objectName],
  });
  return {
    url: `https://${props.host}${props.basePath ?? ''}`,
    credentialsSecretName: props.credentialsSecretName,
    groups: props.groups,
    privateCa: props.privateCa,
  };
}
