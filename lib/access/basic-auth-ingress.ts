import { Construct } from 'constructs';
import type { UsersFormat } from '../contracts/credentials';
import type { IngressBackend, PublicEndpoint } from '../contracts/endpoint';
import { Identity } from '../core/labels';
import { NetworkAccess } from '../core/network-access';
import { Platform } from '../core/platform';
import { requireSecret } from '../core/required-secrets';
import { type Duration, type Quantity, seconds } from '../core/units';
import {
  dnsLabel,
  hostName,
  interval,
  invalid,
  objectName,
  quantity,
  type Rule,
  verify,
} from '../core/validation';
import type { IngressController, SiteOption, Tls } from './ingress-controller';
import { ingressNginx } from './ingress-nginx';

/** What a BasicAuthIngress is made of. */
export interface BasicAuthIngressProps {
  /** Name of the objects. */
  readonly name: string;
  readonly namespace?: string;
  /** Public DNS name. */
  readonly host: string;
  readonly tls: Tls;
  /** The Secret that the controller checks users against. @default - the name with `-users` */
  readonly usersSecretName?: string;
  /**
   * The Secret that clients mount, in their namespaces: type `kubernetes.io/basic-auth`, keys
   * `username` and `password`.
   * @default - the name with `-credentials`
   */
  readonly credentialsSecretName?: string;
  /** @default - ingress-nginx as its manifests install it */
  readonly controller?: IngressController;
  /** What a browser shows when it asks for the password. @default "Authentication required" */
  readonly realm?: string;
  /**
   * Largest body that is let through, as it is sent (compressed).
   * @default "8Mi" - the reference node pushes 68 kB of text, 10 kB compressed
   */
  readonly maxBodySize?: Quantity;
  /** How long the backend may take for an answer. @default "60s" */
  readonly timeout?: Duration;
}

const certificate: Rule = {
  allowed: '{ secretName }, { issuer } or { clusterIssuer }, each with the name of an object',
  accepts: (value) => {
    const [[kind, name] = [], ...more] = Object.entries(value ?? {});
    return (
      ['secretName', 'issuer', 'clusterIssuer'].includes(kind ?? '') &&
      objectName.accepts(name) &&
      !more.length
    );
  },
};

/** What backends that check users read: an nginx of this stack. */
const BACKEND_USERS: UsersFormat = { key: 'auth', hash: 'bcrypt' };

const SITE_OPTIONS: readonly SiteOption[] = ['realm', 'maxBodySize', 'timeout'];

/** A public host behind TLS and Basic Auth, through the cluster's ingress controller. */
export class BasicAuthIngress extends Construct {
  readonly name: string;
  readonly namespace: string;
  readonly host: string;
  /** The Secret with the users, for a backend that checks them itself. */
  readonly usersSecretName: string;
  private readonly credentialsSecretName: string;
  private readonly controller: IngressController;
  private readonly backends: IngressBackend[] = [];

  /** @throws InvalidOptionError when a host name, a name, a size or a time is not allowed. */
  constructor(
    scope: Construct,
    id: string,
    private readonly props: BasicAuthIngressProps,
  ) {
    super(scope, id);
    verify(this, {
      name: [props.name, dnsLabel],
      host: [props.host, hostName],
      usersSecretName: [props.usersSecretName, objectName],
      credentialsSecretName: [props.credentialsSecretName, objectName],
      tls: [props.tls ?? null, certificate],
      maxBodySize: [props.maxBodySize, quantity],
      timeout: [props.timeout, interval],
    });
    this.name = props.name;
    this.host = props.host;
    this.namespace = Platform.of(this).namespaceOf(this, 'cloud', props.namespace);
    this.usersSecretName = props.usersSecretName ?? `${props.name}-users`;
    this.credentialsSecretName = props.credentialsSecretName ?? `${props.name}-credentials`;
    this.controller = props.controller ?? ingressNginx();
    if (!('secretName' in props.tls)) this.admitChallenges();
    this.node.addValidation({ validate: () => this.emptiness() });
  }

  /**
   * Routes a backend's paths and says where clients reach it.
   *
   * @throws InvalidOptionError when the backend is in another namespace, when a path is taken, or when only
   * one of two backends checks the users itself, or when the controller cannot do what was asked for.
   */
  expose(backend: IngressBackend): PublicEndpoint {
    this.refuseConflicts(backend);
    this.backends.push(backend);
    if (this.backends.length === 1) this.render(this.props, backend);
    for (const client of this.controller.clients) backend.admit(client);
    return {
      url: `https://${this.host}${backend.basePath ?? ''}`,
      credentialsSecretName: this.credentialsSecretName,
      privateCa: Platform.of(this).privateCa,
    };
  }

  /** The first backend says who checks the users; the others follow. */
  private render(props: BasicAuthIngressProps, { checksUsers = false }: IngressBackend): void {
    requireSecret(this, {
      side: 'server',
      host: this.host,
      namespace: this.namespace,
      name: this.usersSecretName,
      format: checksUsers ? BACKEND_USERS : this.controller.usersFormat,
    });
    this.controller.render(this, {
      ...props,
      namespace: this.namespace,
      labels: new Identity(this.name).labels,
      tlsSecretName: 'secretName' in props.tls ? props.tls.secretName : `${this.name}-tls`,
      usersSecretName: this.usersSecretName,
      realm: props.realm ?? 'Authentication required',
      maxBodySize: props.maxBodySize ?? '8Mi',
      timeoutSeconds: seconds(props.timeout ?? '60s'),
      stated: new Set(SITE_OPTIONS.filter((option) => props[option] !== undefined)),
      checksUsers: !checksUsers,
      backends: () => this.backends,
    });
  }

  /** cert-manager answers HTTP-01 challenges with pods of its own in this namespace, where all else is denied. */
  private admitChallenges(): void {
    const access = new NetworkAccess(this, 'ChallengeAccess', {
      namespace: this.namespace,
      identity: new Identity(`${this.name}-acme-challenge`),
      podLabels: { 'acme.cert-manager.io/http01-solver': 'true' },
    });
    for (const client of this.controller.clients) access.admit(client, 8089);
  }

  private emptiness(): string[] {
    return this.backends.length
      ? []
      : [`nothing is behind ${this.host}: give it to what it is to expose, or leave it out`];
  }

  private refuseConflicts(backend: IngressBackend): void {
    if (backend.namespace !== this.namespace) {
      throw invalid(
        this,
        `the Service ${backend.serviceName} is in namespace ${backend.namespace}, an ingress routes only to its own, ${this.namespace}: give both one namespace`,
      );
    }
    const other = this.backends.find(
      ({ checksUsers = false }) => checksUsers !== (backend.checksUsers ?? false),
    );
    if (other) {
      throw invalid(
        this,
        `of ${backend.serviceName} and ${other.serviceName}, one checks the users of ${this.host} itself and one does not: give one a host of its own`,
      );
    }
    const taken = this.backends.flatMap(({ paths }) => paths).find((path) => backend.paths.includes(path));
    if (taken) {
      throw invalid(
        this,
        `the path ${taken} of ${this.host} is routed already: give ${backend.serviceName} a route prefix or a host of its own`,
      );
    }
  }
}
