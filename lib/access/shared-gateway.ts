import { Chart, Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import type { GatewaySpec, GatewaySpecListeners } from '../../imports/gateway.networking.k8s.io';
import { Identity } from '../core/labels';
import { apiObject } from '../core/objects';
import { invalid, shown } from '../core/validation';
import { type IngressSite, issuerAnnotation, type Tls } from './ingress-controller';

/** API group of Gateways and their routes. */
export const GATEWAY_GROUP = 'gateway.networking.k8s.io';
/** API version of both. */
export const GATEWAY_API = `${GATEWAY_GROUP}/v1`;

/** Of a Gateway's 64 listeners, one is for challenges. */
const MOST_HOSTS = 63;

/** Properties for `SharedGateway`. */
export interface SharedGatewayProps {
  readonly name: string;
  readonly namespace: string;
  readonly className: string;
  /** Whether port 80 is open for the HTTP-01 challenges of an issuer. */
  readonly httpChallenges: boolean;
  /** Where the certificates of all its hosts come from. */
  readonly tls: Tls;
}

/** By chart, its Gateways by namespace and name. */
const shared = new WeakMap<Chart, Map<string, SharedGateway>>();

/** One Gateway, and so one address, for all hosts of a chart: each is a listener with a certificate of its own. */
export class SharedGateway extends Construct {
  /** The Gateway that other sites of the chart listen on already, or a new one. */
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
   * Opens a listener for a host.
   *
   * @returns its name, for the route of the host: on port 80 nobody may push.
   * @throws InvalidOptionError when another host has its certificate from somebody else, since an issuer is that of the
   * whole Gateway, or when a Gateway has no more listeners.
   */
  listen(scope: Construct, site: IngressSite): string {
    const { name, tls } = this.props;
    if (issuerOf(tls) !== issuerOf(site.tls)) {
      throw invalid(
        scope,
        `tls is ${shown(site.tls)}, and another host of the Gateway ${name} has ${shown(tls)}, where one issuer is that of all listeners: give both the same, or a Gateway of its own (gatewayName of envoyGateway)`,
      );
    }
    if (this.sites.size === MOST_HOSTS) {
      throw invalid(
        scope,
        `the Gateway ${name} has ${MOST_HOSTS} hosts, and a Gateway takes no more: give others one of their own (gatewayName of envoyGateway)`,
      );
    }
    const listener = `https-${site.name}`;
    this.sites.set(listener, site);
    return listener;
  }

  private listeners(): GatewaySpecListeners[] {
    const hosts = [...this.sites].sort(([one], [other]) => (one < other ? -1 : 1));
    const { httpChallenges, tls } = this.props;
    return [
      ...(httpChallenges && !('secretName' in tls) ? [CHALLENGES] : []),
      ...hosts.map(([name, site]) => httpsListener(name, site)),
    ];
  }
}

const FROM_SAME_NAMESPACE = { namespaces: { from: 'Same' } };

/** cert-manager attaches a route to it for as long as a challenge lasts; nothing else is served there. */
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

/** The issuer by kind and name; certificates of Secrets have none, whatever their names. */
const issuerOf = (tls: Tls): string => JSON.stringify(issuerAnnotation(tls));
