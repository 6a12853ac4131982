import { formatTagAndDigest, parseImageReference, registryHost, registryPrefix } from './image-reference';
import { isObjectNotList } from './option-rules';
import { optionError, type Rule } from './validation';

/** Mirror of images: a registry with an optional path, or an object with a mirror for each registry. */
export type ImageMirror = string | Readonly<Record<string, string>>;

/** Validation rule for `images.mirror`. */
export const imageMirror: Rule = {
  allowed: `${registryPrefix.allowed}; or an object with a mirror for each registry, such as { "quay.io": "harbor.example.com/quay" }`,
  accepts: (value) => registryPrefix.accepts(value) || areValidMirrorsByRegistry(value),
};

function areValidMirrorsByRegistry(value: unknown): boolean {
  const entries = isObjectNotList(value) ? Object.entries(value) : [];
  return (
    entries.length > 0 &&
    entries.every(([host, mirror]) => registryHost.accepts(host) && registryPrefix.accepts(mirror))
  );
}

/**
 * Returns the reference of an image in the mirror. If the reference already points to the mirror, returns the
 * reference unchanged.
 * @throws InvalidOptionError when `mirror` is an object without an entry for the registry of the image.
 */
export function replaceRegistryWithMirror(reference: string, mirror: ImageMirror): string {
  const parts = parseImageReference(reference);
  const prefix = findMirrorPrefixOfRegistry(parts.registry, mirror);
  if (prefix === undefined)
    throw optionError('images', missingMirrorMessage(reference, parts.registry, mirror));
  return prefix === parts.registry || reference.startsWith(`${prefix}/`)
    ? reference
    : `${prefix}/${parts.repository}${formatTagAndDigest(parts)}`;
}

/**
 * Returns the prefix that replaces the host of a registry. If `mirror` has no entry for the registry, but the registry
 * is the host of a mirror, returns `registry`, because the image is already in the mirror. Otherwise, returns
 * `undefined`.
 */
function findMirrorPrefixOfRegistry(registry: string, mirror: ImageMirror): string | undefined {
  if (typeof mirror === 'string') return mirror;
  if (Object.hasOwn(mirror, registry)) return mirror[registry];
  return Object.values(mirror).some((prefix) => prefix.split('/')[0] === registry) ? registry : undefined;
}

const missingMirrorMessage = (reference: string, registry: string, mirror: ImageMirror): string =>
  `images.mirror has no entry for ${registry}, the registry of ${reference}; existing entries: ${Object.keys(mirror).join(', ')}. ` +
  `Add '${registry}': 'harbor.example.com/path' to use a mirror, or '${registry}': '${registry}' to pull from ${registry} itself`;
