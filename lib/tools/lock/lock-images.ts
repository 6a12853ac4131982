import type { ImageLock } from '../../core/image-lock';
import { parseImageReference } from '../../core/image-reference';
import { formatImagePlatform, hasPlatformForArchitecture } from '../registry/platforms';
import type { RegistryImage } from '../registry/registry';
import { groupBy } from '../synthesis/group-by';
import type { NeededImage } from './needed-images';

/** Function that queries a registry for the digest and platforms of an image. @throws Error when the query fails. */
export type QueryImage = (reference: string) => Promise<RegistryImage>;

interface ImageWithDigest extends NeededImage {
  readonly digest: string;
}

/**
 * Queries each image in the registry from which nodes pull it, and creates the lock from the digests. The lock omits
 * images whose reference already contains a digest.
 * @throws Error when an image does not exist, does not support the architectures of its nodes, or has different digests
 * in two mirrors. The message lists all images with problems.
 */
export async function createImageLock(
  needed: readonly NeededImage[],
  queryImage: QueryImage,
): Promise<ImageLock> {
  const answers = await Promise.all(needed.map((one) => queryImageDigestOrProblem(one, queryImage)));
  const found = answers.flatMap((answer) => (typeof answer === 'string' ? [] : [answer]));
  const problems = [
    ...answers.filter((answer) => typeof answer === 'string'),
    ...problemsOfDifferentMirrorDigests(found),
  ];
  if (problems.length) throw new Error([...new Set(problems)].join('\n  '));
  const entries = found
    .filter(({ source }) => parseImageReference(source).digest === undefined)
    .map(({ source, digest }) => [source, digest] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return { version: 1, images: Object.fromEntries(entries) };
}

/** Queries an image. Returns the image with its digest, or an error message. */
async function queryImageDigestOrProblem(
  needed: NeededImage,
  queryImage: QueryImage,
): Promise<ImageWithDigest | string> {
  try {
    const { digest, platforms } = await queryImage(needed.image);
    const missing = needed.architectures.filter((one) => !hasPlatformForArchitecture(one, platforms));
    if (missing.length === 0) return { ...needed, digest };
    const built = [...new Set(platforms.map(formatImagePlatform))].join(', ') || 'no platform';
    return `the image ${needed.image} supports ${built}, but nodes with ${needed.architectures.join(', ')} may pull it: build or copy the image for ${missing.join(', ')}, or set images.architectures to the architectures of your nodes`;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Returns an error message for each image that has different digests in several mirrors. */
function problemsOfDifferentMirrorDigests(found: readonly ImageWithDigest[]): string[] {
  return [...groupBy(found, ({ source }) => source)].flatMap(([source, copies]) =>
    new Set(copies.map(({ digest }) => digest)).size > 1
      ? [
          `${copies.map(({ image }) => image).join(' and ')} have different digests: copy ${source} to each mirror again, with all architectures`,
        ]
      : [],
  );
}

/** Returns a sentence for each image that differs between two locks, such as `quay.io/a:v1 is no longer used`. */
export function describeLockChanges(before: ImageLock | undefined, after: ImageLock): string[] {
  const names = new Set([...Object.keys(before?.images ?? {}), ...Object.keys(after.images)]);
  return [...names].sort().flatMap((name) => {
    const [from, to] = [before?.images[name], after.images[name]];
    if (from === to) return [];
    if (from === undefined) return [`${name} is new: ${to}`];
    return to === undefined ? [`${name} is no longer used`] : [`${name} changed from ${from} to ${to}`];
  });
}
