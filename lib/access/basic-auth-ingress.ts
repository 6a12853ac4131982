import { Construct } from 'constructs';
import type { UsersFormat } from '../contracts/credentials';
import type { IngressBackend, PublicEndpoint } from '../contracts/endpoint';
import { Identity } from '../core/labels';
import { NetworkAccess } from '../core/network-access';
import { optionsOf, pickOptions } from '../core/option-table';
import { Platform } from '../core/platform';
import { requireSecret } from '../core/required-secrets';
import { seconds } from '../core/units';
import { invalid } from '../core/validation';
import { type Authentication, acceptsPasswords, clientCertificateFields } from './authentication';
import { verifyBackend } from './backend-options';
import {
  type BasicAuthIngressProps,
  INGRESS_OPTIONS,
  type IngressOptions,
} from './basic-auth-ingress-options';
import { applyCertificates, checkCertificates, refusalPaths, refuseUserHeader } from './certificate-rules';
import { Guard, type GuardProps } from './guard';
import { reserveHost } from './public-hosts';
import { refuseUnsupportedSiteOptions } from './site-options';

/** Format in which the guard reads users. */
const GUARD_USERS: UsersFormat = { key: 'auth', hash: 'bcrypt' };

/** An ingress for a public host with TLS and Basic Auth. */
export class BasicAuthIngress extends Construct {
  /** Name of the objects. */
  readonly name: string;
  /** Namespace of the objects, in which its backends must also be. */
  readonly namespace: string;
  /** Public DNS name. */
  readonly host: string;
  /** Secret with the users, for a backend that checks passwords itself. */
  readonly usersSecretName: string;
  /** Node groups that push as users of their own. */
  readonly groups?: readonly string[];
  private readonly options: IngressOptions;
  /** How edge nodes prove who they are. */
  readonly authentication: Authentication;
  private guard?: Guard;
  private requiresUsers = false;
  private readonly exposed: IngressBackend[] = [];
  /** Backends that the controller routes to: those that are exposed, or the guard in front of them. */
  private readonly routed: IngressBackend[] = [];

  /** @throws InvalidOptionError when an option is invalid, or another ingress already serves the host. */
  constructor(
    scope: Construct,
    id: string,
    /** The options without defaults: a controller only refuses options that were set. */
    private readonly given: BasicAuthIngressProps,
  ) {
    super(scope, id);
    const options = applyCertificates(optionsOf(this, given, INGRESS_OPTIONS));
    this.options = options;
    reserveHost(this, options.host);
    this.name = options.name;
    this.host = options.host;
    this.groups = options.groups;
    this.authentication = options.authentication;
    this.namespace = options.namespace;
    this.usersSecretName = options.usersSecretName;
    if (!('secretName' in options.tls)) this.allowAcmeChallenges();
    this.node.addValidation({ validate: () => this.missingBackendProblems() });
  }

  /**
   * Routes the paths of a backend.
   * @returns the endpoint for clients.
   * @throws InvalidOptionError when paths, headers or texts cannot be expressed for every controller, when
   * the backend is in another namespace, when a path is already used, when only one of two backends uses a
   * guard, when there are groups and no backend that receives pushes, or when the controller does not support
   * an option.
   */
  expose(backend: IngressBackend): PublicEndpoint {
    verifyBackend(this, backend);
    this.refuseConflicts(backend);
    if (this.exposed.length === 0) this.render(backend);
    else if (!this.requiresUsers && acceptsPasswords(this.authentication, backend)) {
      this.requireUsers(GUARD_USERS);
      this.guard?.addUsers(this.usersSecretName);
    }
    this.exposed.push(backend);
    if (this.guard) {
      const refusals = this.routed.length === 0 ? refusalPaths(this.options) : [];
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
      ...clientCertificateFields(this.authentication, backend),
    };
  }

  /** The first backend determines whether there is a guard; later ones must match. */
  private render(first: IngressBackend): void {
    const { options } = this;
    const { controller, tls } = options;
    const guarded = this.needsGuard(first);
    const byGuard = guarded && this.guardChecksUsers(first);
    const work = { guarded, checksUsers: !byGuard };
    refuseUnsupportedSiteOptions(this, controller, this.given, work);
    checkCertificates(this, this.options, controller);
    const limits = {
      realm: options.realm,
      maxBodySize: options.maxBodySize,
      timeoutSeconds: seconds(options.timeout),
    };
    const hasUsers = acceptsPasswords(this.authentication, first);
    if (hasUsers) this.requireUsers(byGuard ? GUARD_USERS : controller.usersFormat);
    const tlsSecretName = 'secretName' in tls ? tls.secretName : `${this.name}-tls`;
    if (guarded) {
      this.guard = this.makeGuard({
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

  /** Records that the host checks passwords, for the command that creates Secrets. */
  private requireUsers(format: UsersFormat): void {
    this.requiresUsers = true;
    requireSecret(this, {
      side: 'server',
      host: this.host,
      namespace: this.namespace,
      name: this.usersSecretName,
      format,
      ...(this.groups && { groups: this.groups }),
    });
  }

  private makeGuard(
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
   * Whether the guard checks passwords: the backend needs the user's name and the controller does not pass
   * it, or responses differ from those of a controller.
   */
  private guardChecksUsers({ userHeader, pushes }: IngressBackend): boolean {
    if (this.leavesUsers || pushes?.retriesRefusedUsers || this.authentication.certificates) return true;
    const { rateLimit, groups } = this.options;
    return (userHeader ?? rateLimit ?? groups) !== undefined && !this.options.controller.userHeader;
  }

  private get leavesUsers(): boolean {
    return this.options.controller.leavesUsersToGuard ?? false;
  }

  /**
   * cert-manager answers HTTP-01 challenges from pods in this namespace, whose traffic is otherwise denied.
   */
  private allowAcmeChallenges(): void {
    const access = new NetworkAccess(this, 'ChallengeAccess', {
      namespace: this.namespace,
      identity: new Identity(`${this.name}-acme-challenge`),
      podLabels: { 'acme.cert-manager.io/http01-solver': 'true' },
    });
    for (const client of this.options.controller.clients) access.admit(client, 8089);
  }

  private missingBackendProblems(): string[] {
    return this.exposed.length
      ? []
      : [`${this.host} has no backend: pass this ingress to a component, or remove it`];
  }

  private refuseConflicts(backend: IngressBackend): void {
    if (backend.namespace !== this.namespace) {
      throw invalid(
        this,
        `the Service ${backend.serviceName} is in namespace ${backend.namespace}, but an ingress only routes within its own, ${this.namespace}: use the same namespace for both`,
      );
    }
    this.refuseMixedBackends(backend);
    refuseUserHeader(this, this.authentication, backend);
    if (this.options.groups && !backend.pushes) {
      throw invalid(
        this,
        `groups require a backend that receives pushes, which ${backend.serviceName} does not: remove groups`,
      );
    }
    const taken = this.exposed.flatMap(({ paths }) => paths).find((path) => backend.paths.includes(path));
    if (taken) {
      throw invalid(
        this,
        `the path ${taken} of ${this.host} is already used: set another route prefix or host for ${backend.serviceName}`,
      );
    }
  }

  /** Refuses a backend whose use of a guard differs from that of the first one. */
  private refuseMixedBackends(backend: IngressBackend): void {
    const [first] = this.exposed;
    if (!first) return;
    if (this.needsGuard(first) !== this.needsGuard(backend)) {
      throw invalid(
        this,
        `only one of ${backend.serviceName} and ${first.serviceName} is restricted to pushes: use separate hosts`,
      );
    }
    if (!this.guardChecksUsers(first) && this.guardChecksUsers(backend)) {
      throw invalid(
        this,
        `the guard must check the users of ${backend.serviceName}, but the controller checks those of ${first.serviceName}: expose ${backend.serviceName} first, or use separate hosts`,
      );
    }
  }
}
