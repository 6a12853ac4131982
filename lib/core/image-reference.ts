import { isIPv6 } from 'node:net';
import type { Rule } from './validation';

/** The parts of an image reference, as container runtimes parse it. */
export interface ImageReference {
  /** Host and optional port of the registry. If the reference has no host, the registry is `docker.io`. */
  readonly registry: string;
  /** Repository, with `library/` for Docker Hub's official images even if the reference omits `library/`. */
  readonly repository: string;
  /** Tag, such as `v3.14.0`. */
  readonly tag?: string;
  /** Digest: `sha256:` and 64 hexadecimal digits. */
  readonly digest?: string;
}

const DOCKER_HUB = 'docker.io';
/** Aliases of Docker Hub. */
const DOCKER_HUB_HOSTS = ['index.docker.io', 'registry-1.docker.io'];

const HOST_LABEL = '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?';
const NAME = `${HOST_LABEL}(?:\\.${HOST_LABEL})*`;
const HOST = `(?:${NAME}|\\[[0-9a-f:]+\\])(?::[1-9]\\d{0,4})?`;
const PATH_PART = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const PATH = `${PATH_PART}(?:/${PATH_PART})*`;
const TAG = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}';
const DIGEST = 'sha256:[0-9a-f]{64}';

const IMAGE = new RegExp(`^(?:(${HOST})/)?(${PATH})(?::(${TAG}))?(?:@(${DIGEST}))?$`);
const PREFIX = new RegExp(`^((?:${NAME}|\\[([0-9a-f:]+)\\])(?::([1-9]\\d{0,4}))?)(?:/${PATH})?$`);

/** Returns whether the first part of a name is a registry host. Runtimes require a dot, a port, or `localhost`. */
const isRegistryHost = (part: string): boolean => /[.:]/.test(part) || part === 'localhost';

/** Parses an image reference. Returns `undefined` if the reference is invalid. */
export function tryParseImageReference(reference: string): ImageReference | undefined {
  const [, host, path = '', tag, digest] = IMAGE.exec(reference) ?? [];
  if (!path) return undefined;
  const named = host !== undefined && isRegistryHost(host);
  const registry = !named || DOCKER_HUB_HOSTS.includes(host) ? DOCKER_HUB : host;
  const repository = named || host === undefined ? path : `${host}/${path}`;
  const isOfficial = registry === DOCKER_HUB && !repository.includes('/');
  return {
    registry,
    repository: isOfficial ? `library/${repository}` : repository,
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  };
}

/** Parses an image reference. @throws Error if the reference is invalid. */
export function parseImageReference(reference: string): ImageReference {
  const parts = tryParseImageReference(reference);
  if (!parts) throw new Error(`${JSON.stringify(reference)} is not a valid image reference`);
  return parts;
}

/** Returns the tag, the digest, or both, as they are written at the end of a reference. */
export function formatTagAndDigest({ tag, digest }: Pick<ImageReference, 'tag' | 'digest'>): string {
  return `${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** Validation rule for an image reference with a fixed version. */
export const image: Rule = {
  allowed:
    'an image with a registry and a fixed version (a tag other than "latest", or a digest), such as "quay.io/org/app:v1.2.3" or "quay.io/org/app@sha256:..."',
  accepts: (value) => {
    const parts =
      typeof value === 'string' && value.includes('/') ? tryParseImageReference(value) : undefined;
    return parts !== undefined && (parts.digest !== undefined || ![undefined, 'latest'].includes(parts.tag));
  },
};

/** Validation rule for a mirror registry with an optional path. */
export const registryPrefix: Rule = {
  allowed:
    'a registry host with a dot or a port, or an IP address (IPv6 in brackets), with an optional path, in lower case, without scheme and without trailing slash, such as "registry.example.com/mirror" or "[2001:db8::7]:5000"',
  accepts: (value) => {
    const [, host = '', ipv6 = '::', port = '1'] =
      (typeof value === 'string' && value.length <= 128 && PREFIX.exec(value)) || [];
    return isRegistryHost(host) && isIPv6(ipv6) && Number(port) <= 65_535;
  },
};

/** Validation rule for the host of a registry, as image references contain it. */
export const registryHost: Rule = {
  allowed: 'a registry host, such as "quay.io"; for Docker Hub "docker.io"',
  accepts: (value) =>
    registryPrefix.accepts(value) &&
    !String(value).includes('/') &&
    !DOCKER_HUB_HOSTS.includes(value as string),
};
