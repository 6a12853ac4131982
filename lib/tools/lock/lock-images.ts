import type { ImageLock } from '../../core/image-lock';
import { parseImageReference } from '../../core/image-reference';
import { formatPlatform, supportsArchitecture } from '../registry/platforms';
import type { RegistryImage } from '../registry/registry';
import { groupBy } from '../synthesis/group-by';
import type { NeededImage } from './needed-images';

/** Queries a registry for an image. @throws Error with a readable message. */
export type QueryImage = (reference: string) => Promise<RegistryImage>;

interface ImageWithDigest extends NeededImage {
  readonly digest: string;
}

/**
 * Queries every image in the registry that nodes pull it from.
 * @throws Error that lists all images which do not exist, do not support their nodes' architectures, or
 * differ between two mirrors.
 */
export async function createLock(needed: readonly NeededImage[], ask: QueryImage): Promise<ImageLock> {
  const answers = await Promise.all(needed.map((one) => queryNeededImage(one, ask)));
  const found = answers.flatMap((answer) => (typeof answer === 'string' ? [] : [answer]));
  const problems = [...answers.filter((answer) => typeof answer === 'string'), ...copyDifferences(found)];
  if (problems.length) throw new Error([...new Set(problems)].join('\n  '));
  const entries = found
    .filter(({ source }) => parseImageReference(source).digest === undefined)
    .map(({ source, digest }) => [source, digest] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return { version: 1, images: Object.fromEntries(entries) };
}

/** Returns the image, or an error message. */
async function queryNeededImage(needed: NeededImage, ask: QueryImage): Promise<ImageWithDigest | string> {
  try {
    const { digest, platforms } = await ask(needed.image);
    const missing = needed.architectures.filter((one) => !supportsArchitecture(one, platforms));
    if (missing.length === 0) return { ...needed, digest };
    const built = [...new Set(platforms.map(formatPlatform))].join(', ') || 'no platform';
    return (
      `${needed.image} supports ${built}, but its nodes may be ${needed.architectures.join(', ')}: build or copy it ` +
      `for ${missing.join(', ')}, or set images.architectures to those of your nodes`
    );
  } catch (error) {
    return (error as Error).message;
  }
}

/** Reports copies of an image whose digests differ. */
function copyDifferences(found: readonly ImageWithDigest[]): string[] {
  return [...groupBy(found, ({ source }) => source)].flatMap(([source, copies]) =>
    new Set(copies.map(({ digest }) => digest)).size > 1
      ? [
          `${copies.map(({ image }) => image).join(' and ')} are different images: copy ${source} again, with all architectures`,
        ]
      : [],
  );
}

/** Returns the differences between two locks, a sentence per image. */
export function lockChanges(before: ImageLock | undefined, after: ImageLock): string[] {
  const names = new Set([...Object.keys(before?.images ?? {}), ...Object.keys(after.images)]);
  return [...names].sort().flatMap((name) => {
    const [from, to] = [before?.images[name], after.images[name]];
    if (from === to) return [];
    if (from === undefined) return [`${name} is new: ${to}`];
    return to === undefined ? [`${name} is no longer used`] : [`${name} moved from ${from} to ${to}`];
  });
}
