import { createHash } from 'node:crypto';
import { type ImageReference, parseImageReference } from '../../core/image-reference';
import type { ImagePlatform } from './platforms';
import { registryApiUrl } from './registry-address';
import { type RegistryResponse, type RequestOptions, sendRequest } from './requests';
import { RegistryTokens } from './tokens';

/** Digest and platforms of an image in a registry. */
export interface RegistryImage {
  /**
   * Digest of the image: `sha256:` and 64 hexadecimal digits. If the image has an index of platforms, this is the
   * digest of the index.
   */
  readonly digest: string;
  /** Platforms that the image supports. */
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

/** Client for image registries with the API of the OCI distribution specification. */
export class Registries {
  private readonly tokens: RegistryTokens;

  constructor(private readonly options: RequestOptions) {
    this.tokens = new RegistryTokens(options);
  }

  /**
   * Queries the digest and the platforms of an image.
   * @throws Error when the registry does not respond, denies access, does not contain the image, or sends invalid content.
   */
  async queryImage(reference: string): Promise<RegistryImage> {
    const parts = parseImageReference(reference);
    const { headers, body } = await this.requestAndAuthorizeIfNeeded(
      parts,
      `manifests/${parts.digest ?? parts.tag}`,
      {
        accept: [...INDEXES, ...MANIFESTS].join(', '),
      },
    );
    const digest = sha256Digest(body);
    const claimed = parts.digest ?? headers.get('docker-content-digest') ?? digest;
    if (claimed !== digest) {
      throw new Error(
        `the registry ${parts.registry} sent a manifest for ${reference} that does not match its digest ${claimed}`,
      );
    }
    const manifest = parseJsonObject(body, `the manifest of ${reference}`);
    const type = manifest.mediaType ?? headers.get('content-type')?.split(';')[0];
    if (INDEXES.includes(type)) return { digest, platforms: platformsOfImageIndex(manifest) };
    if (MANIFESTS.includes(type))
      return { digest, platforms: [await this.readImagePlatform(parts, manifest, reference)] };
    throw new Error(
      `the image ${reference} has the media type ${JSON.stringify(type)}; supported: OCI and Docker images`,
    );
  }

  /** Reads the platform of an image without an index from the configuration of the image. */
  private async readImagePlatform(
    parts: ImageReference,
    manifest: { readonly config?: { readonly digest?: string } },
    reference: string,
  ): Promise<ImagePlatform> {
    const { digest = '' } = manifest.config ?? {};
    if (!/^sha256:[0-9a-f]{64}$/.test(digest))
      throw new Error(`the manifest of ${reference} contains no digest of an image configuration`);
    const { body } = await this.requestAndAuthorizeIfNeeded(parts, `blobs/${digest}`, {});
    if (sha256Digest(body) !== digest)
      throw new Error(
        `the registry ${parts.registry} sent a configuration of ${reference} that does not match its digest ${digest}`,
      );
    return parseJsonObject(body, `the configuration of ${reference}`);
  }

  private async requestAndAuthorizeIfNeeded(
    parts: ImageReference,
    path: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<RegistryResponse> {
    const { registry, repository } = parts;
    const url = new URL(`${repository}/${path}`, registryApiUrl(registry, this.options));
    const first = await sendRequest(url, { headers }, this.options);
    const challenge = first.headers.get('www-authenticate');
    if (first.status !== 401 || challenge === null) return responseOrThrowUnlessStatusOk(first, parts, path);
    const authorization = await this.tokens.obtainAuthorizationHeader(registry, repository, challenge);
    return responseOrThrowUnlessStatusOk(
      await sendRequest(url, { headers: { ...headers, authorization } }, this.options),
      parts,
      path,
    );
  }
}

function responseOrThrowUnlessStatusOk(
  answer: RegistryResponse,
  { registry, repository }: ImageReference,
  path: string,
): RegistryResponse {
  const { status } = answer;
  if (status === 200) return answer;
  const what = `${repository} ${path.split('/')[1]}`;
  if (status === 401 || status === 403) {
    throw new Error(
      `the registry ${registry} denies access to ${what} (${status}): run docker login ${registry} with a user that may pull this image`,
    );
  }
  if (status === 404) throw new Error(`${registry} does not contain ${what} (404)`);
  if (status === 429)
    throw new Error(
      `the registry ${registry} limits the rate of requests (429): run docker login, or try again later`,
    );
  throw new Error(`the registry ${registry} responded with status ${status} to the request for ${what}`);
}

const sha256Digest = (body: Buffer): string => `sha256:${createHash('sha256').update(body).digest('hex')}`;

/**
 * Parses a JSON object.
 * @param what what the text is, for the error message, such as `the manifest of quay.io/a:v1`
 * @throws Error when the text is not a JSON object.
 */
// biome-ignore lint/suspicious/noExplicitAny: manifests and configurations of every kind
function parseJsonObject(body: Buffer, what: string): any {
  try {
    const value = JSON.parse(body.toString());
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Reported below.
  }
  throw new Error(`${what} in the registry is not a JSON object`);
}

/** Returns the platforms of the images in an index. Ignores entries that are not images, such as attestations. */
function platformsOfImageIndex(index: {
  readonly manifests?: readonly { readonly platform?: ImagePlatform }[];
}): ImagePlatform[] {
  return (index.manifests ?? []).flatMap(({ platform }) =>
    platform?.architecture && platform.architecture !== 'unknown' ? [platform] : [],
  );
}
