import { createHash } from 'node:crypto';
import { type ImageReference, parseImageReference } from '../../core/image-reference';
import type { ImagePlatform } from './platforms';
import { registryUrl } from './registry-address';
import { type RegistryResponse, type RequestOptions, sendRequest } from './requests';
import { RegistryTokens } from './tokens';

/** An image in a registry. */
export interface RegistryImage {
  /** Digest of the index, if there is one; `sha256:` and 64 digits. */
  readonly digest: string;
  readonly platforms: readonly ImagePlatform[];
}

const INDEXES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];
const MANIFESTS = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

/** Queries registries for images with the API of the OCI distribution specification. */
export class Registries {
  private readonly tokens: RegistryTokens;

  constructor(private readonly options: RequestOptions) {
    this.tokens = new RegistryTokens(options);
  }

  /**
   * Returns the digest and platforms of an image.
   * @throws Error with a readable message when the registry does not respond, denies access, or has no such
   * image.
   */
  async queryImage(reference: string): Promise<RegistryImage> {
    const parts = parseImageReference(reference);
    const { headers, body } = await this.getWithToken(parts, `manifests/${parts.digest ?? parts.tag}`, {
      accept: [...INDEXES, ...MANIFESTS].join(', '),
    });
    const digest = sha256Digest(body);
    const claimed = parts.digest ?? headers.get('docker-content-digest') ?? digest;
    if (claimed !== digest) {
      throw new Error(`${parts.registry} sent content for ${reference} that does not match ${claimed}`);
    }
    const manifest = parseJson(body, reference);
    const type = manifest.mediaType ?? headers.get('content-type')?.split(';')[0];
    if (INDEXES.includes(type)) return { digest, platforms: platformsOfIndex(manifest) };
    if (MANIFESTS.includes(type))
      return { digest, platforms: [await this.readPlatform(parts, manifest, reference)] };
    throw new Error(
      `${reference} is of the type ${JSON.stringify(type)}, which is not an OCI or Docker image`,
    );
  }

  /** The platform of an image without an index is in its configuration. */
  private async readPlatform(
    parts: ImageReference,
    manifest: { readonly config?: { readonly digest?: string } },
    reference: string,
  ): Promise<ImagePlatform> {
    const { digest = '' } = manifest.config ?? {};
    if (!/^sha256:[0-9a-f]{64}$/.test(digest))
      throw new Error(`the manifest of ${reference} names no configuration`);
    const { body } = await this.getWithToken(parts, `blobs/${digest}`, {});
    if (sha256Digest(body) !== digest)
      throw new Error(`${parts.registry} sent content that does not match ${digest}`);
    return parseJson(body, reference);
  }

  private async getWithToken(
    parts: ImageReference,
    path: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<RegistryResponse> {
    const { registry, repository } = parts;
    const url = new URL(`${repository}/${path}`, registryUrl(registry, this.options));
    const first = await sendRequest(url, { headers }, this.options);
    const challenge = first.headers.get('www-authenticate');
    if (first.status !== 401 || challenge === null) return requireOk(first, parts, path);
    const authorization = await this.tokens.authorizationHeader(registry, repository, challenge);
    return requireOk(
      await sendRequest(url, { headers: { ...headers, authorization } }, this.options),
      parts,
      path,
    );
  }
}

function requireOk(
  answer: RegistryResponse,
  { registry, repository }: ImageReference,
  path: string,
): RegistryResponse {
  const { status } = answer;
  if (status === 200) return answer;
  const what = `${repository} ${path.split('/')[1]}`;
  if (status === 401 || status === 403) {
    throw new Error(
      `${registry} denies access to ${what} (${status}): run docker login ${registry} with a user who may pull it`,
    );
  }
  if (status === 404) throw new Error(`${registry} has no ${what} (404)`);
  if (status === 429) throw new Error(`${registry} rate limits requests (429): log in, or try again later`);
  throw new Error(`${registry} answered ${status} for ${what}`);
}

const sha256Digest = (body: Buffer): string => `sha256:${createHash('sha256').update(body).digest('hex')}`;

// biome-ignore lint/suspicious/noExplicitAny: manifests and configurations of every kind
function parseJson(body: Buffer, reference: string): any {
  try {
    const value = JSON.parse(body.toString());
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Reported below.
  }
  throw new Error(`the manifest of ${reference} in the registry is not a JSON object`);
}

/** Returns the platforms of an index, without members that are not images, such as attestations. */
function platformsOfIndex(index: {
  readonly manifests?: readonly { readonly platform?: ImagePlatform }[];
}): ImagePlatform[] {
  return (index.manifests ?? []).flatMap(({ platform }) =>
    platform?.architecture && platform.architecture !== 'unknown' ? [platform] : [],
  );
}
