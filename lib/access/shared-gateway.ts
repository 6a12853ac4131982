import { Chart, Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import type { GatewaySpec, GatewaySpecListeners } from '../../imports/gateway.networking.k8s.io';
import { Identity } from '../core/labels';
import { apiObject } from '../core/objects';
import { displayValue, invalid } from '../core/validation';
import { type IngressSite, issuerAnnotation, type Tls } from './ingress-controller';

/** API group of Gateways and routes. */
export const GATEWAY_GROUP = 'gateway.networking.k8s.io';
/** API version of both. */
export const GATEWAY_API = `${GATEWAY_GROUP}/v1`;

/** One of a Gateway's 64 listeners is for challenges. */
const MOST_HOSTS = 63;

/** Properties for `SharedGateway`. */
export interface SharedGatewayProps {
  readonly name: string;
  readonly namespace: string;
  readonly className: string;
  /** Whether port 80 is open for HTTP-01 challenges. */
  readonly httpChallenges: boolean;
  /** Source of the certificates of all hosts. */
  readonly tls: Tls;
}

/** Gateways of a chart, by namespace and name. */
const shared = new WeakMap<Chart, Map<string, SharedGateway>>();

/**
 * A Gateway for all hosts of a chart, which share its address: each host is a listener with its own
 * certificate.
 */
export class SharedGateway extends Construct {
  /** Returns the Gateway that other hosts of the chart use, or creates it. */
  static of(scope: Construct, props: SharedGatewayProps): SharedGateway {
    const chart = Chart.of(scope);
    const ofChart = shared.get(chart) ?? new Map<string, SharedGateway>();
    shared.set(chart, ofChart);
    const key = `${props.namespace}/${props.name}`;
    const gateway = ofChart.get(key) ?? new SharedGateway(chart, `gateway-${key.replace('/', '-')}`, props);
    ofChart.set(key, gateway);
    return gateway;
  }

  private readonly sites = new Map<string, IngressSite>();

  private constructor(
    scope: Construct,
    id: string,
    private readonly props: SharedGatewayProps,
  ) {
    super(scope, id);
    const { name, namespace, className, tls } = props;
    apiObject(this, 'Default', {
      apiVersion: GATEWAY_API,
      kind: 'Gateway',
      metadata: {
        name,
        namespace,
        labels: new Identity(name).labels,
        annotations: issuerAnnotation(tls),
      },
      spec: {
        gatewayClassName: className,
        listeners: Lazy.any({ produce: () => this.listeners() }),
      } satisfies GatewaySpec,
    });
  }

  /**
   * Adds a listener for a host.
   * @returns its name, for the host's route: pushes on port 80 must not be possible.
   * @throws InvalidOptionError when the host uses another issuer than the other hosts (a Gateway has a single
   * one), or when the Gateway has no more listeners.
   */
  addListener(scope: Construct, site: IngressSite): string {
    const { name, tls } = this.props;
    if (issuerKey(tls) !== issuerKey(site.tls)) {
      throw invalid(
        scope,
        `tls is ${displayValue(site.tls)}, and another host of the Gateway ${name} has ${displayValue(tls)}, but a Gateway has a single issuer: use the same for both, or another Gateway (gatewayName of envoyGateway)`,
      );
    }
    if (this.sites.size === MOST_HOSTS) {
      throw invalid(
        scope,
        `the Gateway ${name} has ${MOST_HOSTS} hosts, the maximum of a Gateway: use another Gateway for further hosts (gatewayName of envoyGateway)`,
      );
    }
    const listener = `${site.certificates ? 'tls' : 'https'}-${site.name}`;
    this.sites.set(listener, site);
    return listener;
  }

  private listeners(): GatewaySpecListeners[] {
    const hosts = [...this.sites].sort(([one], [other]) => (one < other ? -1 : 1));
    const { httpChallenges, tls } = this.props;
    return [
      ...(httpChallenges && !('secretName' in tls) ? [CHALLENGES] : []),
      ...hosts.map(([name, site]) =>
        (site.certificates ? tlsPassthroughListener : httpsListener)(name, site),
      ),
    ];
  }
}

const FROM_SAME_NAMESPACE = { namespaces: { from: 'Same' } };

/** cert-manager attaches a route to this listener during a challenge; nothing else is served. */
const CHALLENGES: GatewaySpecListeners = {
  name: 'http',
  protocol: 'HTTP',
  port: 80,
  allowedRoutes: FROM_SAME_NAMESPACE,
};

const httpsListener = (name: string, { host, tlsSecretName }: IngressSite): GatewaySpecListeners => ({
  name,
  protocol: 'HTTPS',
  port: 443,
  hostname: host,
  tls: { mode: 'Terminate', certificateRefs: [{ group: '', kind: 'Secret', name: tlsSecretName }] },
  allowedRoutes: FROM_SAME_NAMESPACE,
});

/** The guard behind it ends TLS, and asks clients for certificates; an HTTPS listener may have the same port. */
const tlsPassthroughListener = (name: string, { host }: IngressSite): GatewaySpecListeners => ({
  name,
  protocol: 'TLS',
  port: 443,
  hostname: host,
  tls: { mode: 'Passthrough' },
  allowedRoutes: FROM_SAME_NAMESPACE,
});

/** Returns the issuer by kind and name; empty for certificates in Secrets. */
const issuerKey = (tls: Tls): string => JSON.stringify(issuerAnnotation(tls));
