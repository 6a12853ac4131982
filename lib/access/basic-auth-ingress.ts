import { Construct } from 'constructs';
import type { UsersFormat } from '../contracts/credentials';
import type { IngressBackend, PublicEndpoint } from '../contracts/endpoint';
import { Identity } from '../core/labels';
import { NetworkAccess } from '../core/network-access';
import { pickOptions, validateAndApplyDefaults } from '../core/option-table';
import { Platform } from '../core/platform';
import { registerSecretAndExternalSecret } from '../core/required-secrets';
import { toSeconds } from '../core/units';
import { optionError } from '../core/validation';
import { type Authentication, acceptsPasswords, clientCertificateFieldsOfEndpoint } from './authentication';
import { validateBackend } from './backend-options';
import {
  type BasicAuthIngressProps,
  INGRESS_OPTIONS,
  type IngressOptions,
} from './basic-auth-ingress-options';
import {
  assertUserNamesAvailableForBackend,
  certificateErrorPagePaths,
  switchToTlsPassthroughForClientCertificates,
  validateClientCertificateOptions,
} from './certificate-rules';
import { Guard, type GuardProps } from './guard';
import { reserveHostForIngress } from './public-hosts';
import { refuseUnsupportedIngressOptions } from './site-options';

/** Format of the users in the Secret that the guard mounts. */
const GUARD_USERS: UsersFormat = { key: 'auth', hash: 'bcrypt' };

/** A public host with TLS and Basic Auth: an ingress and, if needed, a guard (a small nginx) behind it. */
export class BasicAuthIngress extends Construct {
  /** Name of the Kubernetes objects of the host. */
  readonly name: string;
  /** Namespace of the Kubernetes objects of the host. The backends must be in the same namespace. */
  readonly namespace: string;
  /** Public DNS name of the host. */
  readonly host: string;
  /** Secret with the users of the host. Use it for your own backends that check passwords themselves. */
  readonly usersSecretName: string;
  /** Node groups. Each group has its own user. `undefined` if all nodes push as the same user. */
  readonly groups?: readonly string[];
  private readonly options: IngressOptions;
  /** Authentication of the edge nodes that push to this host. */
  readonly authentication: Authentication;
  private guard?: Guard;
  private requiresUsers = false;
  private readonly exposed: IngressBackend[] = [];
  /** Backends that the controller routes to: the exposed backends, or the guard in front of them. */
  private readonly routed: IngressBackend[] = [];

  /** Reserves the host. @throws InvalidOptionError when an option is invalid, or another ingress serves the host. */
  constructor(
    scope: Construct,
    id: string,
    /** The options without defaults, because a controller only refuses options that were set. */
    private readonly given: BasicAuthIngressProps,
  ) {
    super(scope, id);
    const options = switchToTlsPassthroughForClientCertificates(
      validateAndApplyDefaults(this, given, INGRESS_OPTIONS),
    );
    this.options = options;
    reserveHostForIngress(this, options.host);
    this.name = options.name;
    this.host = options.host;
    this.groups = options.groups;
    this.authentication = options.authentication;
    this.namespace = options.namespace;
    this.usersSecretName = options.usersSecretName;
    if (!('secretName' in options.tls)) this.allowAcmeChallengeTraffic();
    this.node.addValidation({ validate: () => this.problemsOfMissingBackend() });
  }

  /**
   * Routes the paths of a backend.
   * @returns the endpoint for clients.
   * @throws InvalidOptionError when the controller does not support an option of the host, or when the backend does
   * not fit the host, for example because another backend of the host already uses the same path.
   */
  expose(backend: IngressBackend): PublicEndpoint {
    validateBackend(this, backend);
    this.assertBackendFitsIngress(backend);
    if (this.exposed.length === 0) this.createKubernetesObjectsOfHost(backend);
    else if (!this.requiresUsers && acceptsPasswords(this.authentication, backend)) {
      this.registerUsersSecret(GUARD_USERS);
      this.guard?.enablePasswordCheck(this.usersSecretName);
    }
    this.exposed.push(backend);
    if (this.guard) {
      const refusals = this.routed.length === 0 ? certificateErrorPagePaths(this.options) : [];
      const routed = this.guard.addBackend(backend);
      this.routed.push({ ...routed, paths: [...routed.paths, ...refusals] });
    } else {
      this.routed.push(backend);
      for (const client of this.options.controller.clients) backend.server.admit(client);
    }
    return {
      url: `https://${this.host}${backend.basePath ?? ''}`,
      ...(acceptsPasswords(this.authentication, backend) && {
        credentialsSecretName: this.options.credentialsSecretName,
      }),
      groups: this.groups,
      privateCa: Platform.of(this).privateCa,
      ...clientCertificateFieldsOfEndpoint(this.authentication, backend),
    };
  }

  /** Creates the objects of the host for its first backend. This backend determines whether the host has a guard. */
  private createKubernetesObjectsOfHost(first: IngressBackend): void {
    const { options } = this;
    const { controller, tls } = options;
    const guarded = this.needsGuard(first);
    const byGuard = guarded && this.guardChecksPasswords(first);
    const work = { guarded, checksUsers: !byGuard };
    refuseUnsupportedIngressOptions(this, controller, this.given, work);
    validateClientCertificateOptions(this, this.options, controller);
    const limits = {
      realm: options.realm,
      maxBodySize: options.maxBodySize,
      timeoutSeconds: toSeconds(options.timeout),
    };
    const hasUsers = acceptsPasswords(this.authentication, first);
    if (hasUsers) this.registerUsersSecret(byGuard ? GUARD_USERS : controller.usersFormat);
    const tlsSecretName = 'secretName' in tls ? tls.secretName : `${this.name}-tls`;
    if (guarded) {
      this.guard = this.createGuard({
        ...limits,
        usersSecretName: byGuard && hasUsers ? this.usersSecretName : undefined,
        ...(controller.passesTls && { tlsSecretName }),
      });
    }
    controller.render(this, {
      ...options,
      ...limits,
      ...work,
      labels: new Identity(this.name).labels,
      tlsSecretName,
      certificates: this.authentication.certificates,
      backends: () => this.routed,
    });
  }

  private registerUsersSecret(format: UsersFormat): void {
    this.requiresUsers = true;
    registerSecretAndExternalSecret(this, {
      side: 'server',
      host: this.host,
      namespace: this.namespace,
      name: this.usersSecretName,
      format,
      ...(this.groups && { groups: this.groups }),
    });
  }

  private createGuard(
    props: Pick<GuardProps, 'realm' | 'maxBodySize' | 'timeoutSeconds' | 'usersSecretName' | 'tlsSecretName'>,
  ): Guard {
    const { controller } = this.options;
    return new Guard(this, 'Guard', {
      ...props,
      name: `${this.name}-guard`,
      namespace: this.namespace,
      userHeader: controller.userHeader,
      ...pickOptions(this.options, ['authentication', 'nodeAdmission', 'rateLimit', 'groups']),
      certificateReport: controller.certificateReport,
      clients: controller.clients,
    });
  }

  private needsGuard({ pushes, userHeader }: IngressBackend): boolean {
    const { rateLimit, controller } = this.options;
    return (
      (pushes ?? userHeader ?? rateLimit) !== undefined || this.leavesUsers || controller.passesTls === true
    );
  }

  /**
   * Returns whether the guard checks the passwords instead of the controller. The guard checks passwords if the
   * controller cannot, if nodes use certificates, if the guard needs the name of the user and the controller does not
   * pass it, or if agents must retry after a wrong password.
   */
  private guardChecksPasswords({ userHeader, pushes }: IngressBackend): boolean {
    if (this.leavesUsers || pushes?.retriesRefusedUsers || this.authentication.certificates) return true;
    const { rateLimit, groups } = this.options;
    return (userHeader ?? rateLimit ?? groups) !== undefined && !this.options.controller.userHeader;
  }

  private get leavesUsers(): boolean {
    return this.options.controller.leavesUsersToGuard ?? false;
  }

  /** Allows the controller to connect to cert-manager's pods for HTTP-01 challenges. */
  private allowAcmeChallengeTraffic(): void {
    const access = new NetworkAccess(this, 'ChallengeAccess', {
      namespace: this.namespace,
      identity: new Identity(`${this.name}-acme-challenge`),
      podLabels: { 'acme.cert-manager.io/http01-solver': 'true' },
    });
    for (const client of this.options.controller.clients) access.allowIngressFrom(client, 8089);
  }

  private problemsOfMissingBackend(): string[] {
    return this.exposed.length
      ? []
      : [`the host ${this.host} has no backend: pass this ingress to a component, or remove this ingress`];
  }

  private assertBackendFitsIngress(backend: IngressBackend): void {
    if (backend.namespace !== this.namespace) {
      throw optionError(
        this,
        `the Service ${backend.serviceName} is in namespace ${backend.namespace}, but the ingress is in namespace ${this.namespace}: create both in one namespace, because an ingress only routes to Services of its own namespace`,
      );
    }
    this.assertBackendFitsFirstBackend(backend);
    assertUserNamesAvailableForBackend(this, this.authentication, backend);
    if (this.options.groups && !backend.pushes) {
      throw optionError(
        this,
        `the option "groups" is set, but the backend ${backend.serviceName} does not receive pushes: remove the option, or use another host for this backend`,
      );
    }
    const taken = this.exposed.flatMap(({ paths }) => paths).find((path) => backend.paths.includes(path));
    if (taken) {
      throw optionError(
        this,
        `another backend of the host ${this.host} already uses the path ${taken}: set another route prefix or host for ${backend.serviceName}`,
      );
    }
  }

  /** Throws if a new backend does not fit the objects of the host, which were created for the first backend. */
  private assertBackendFitsFirstBackend(backend: IngressBackend): void {
    const [first] = this.exposed;
    if (!first) return;
    if (this.needsGuard(first) !== this.needsGuard(backend)) {
      throw optionError(
        this,
        `the backends ${backend.serviceName} and ${first.serviceName} cannot be on the same host, because only one of the backends needs a guard (an nginx in front of the backend): use a separate host for each backend`,
      );
    }
    if (!this.guardChecksPasswords(first) && this.guardChecksPasswords(backend)) {
      throw optionError(
        this,
        `${backend.serviceName} needs a guard that checks users, but the ingress controller already checks the users of this host for ${first.serviceName}: use a separate host for each, or pass the ingress to ${backend.serviceName} first`,
      );
    }
  }
}
