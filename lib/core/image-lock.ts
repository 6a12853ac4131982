import { image, parseImageReference } from './image-reference';
import { isObjectNotList } from './option-rules';
import { optionError, type Rule } from './validation';

/** File with image digests, which `npm run lock-images` writes. */
export const LOCK_FILE = 'images.lock.json';

/** Context key for the image lock of an app. With the value `null`, the app has no image lock. */
export const IMAGE_LOCK = 'cdk8s-edge-observability/image-lock';

/** Digests of images: the content of `images.lock.json`, which `npm run lock-images` writes. */
export interface ImageLock {
  /** Version of the file format: 1. */
  readonly version: number;
  /** Digest of each image, by its name and tag in the publisher's registry. */
  readonly images: Readonly<Record<string, string>>;
}

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** Validation rule for an option of type `ImageLock`. */
export const imageLock: Rule = {
  allowed: `the content of ${LOCK_FILE}, which the command lock-images writes: { version: 1, images: { "name:tag": "sha256:..." } }`,
  accepts: (value) => {
    const { version, images } = isObjectNotList(value) ? (value as Partial<ImageLock>) : {};
    return (
      version === 1 &&
      isObjectNotList(images) &&
      Object.entries(images).every(
        ([name, digest]) => image.accepts(name) && typeof digest === 'string' && DIGEST.test(digest),
      )
    );
  },
};

/**
 * Adds the digest in the lock to an image reference. A reference that has a digest is returned unchanged.
 * @throws InvalidOptionError when the lock does not contain the image.
 */
export function addDigestFromLockToReference(reference: string, lock: ImageLock): string {
  if (parseImageReference(reference).digest !== undefined) return reference;
  const digest = Object.hasOwn(lock.images, reference) ? lock.images[reference] : undefined;
  if (digest !== undefined) return `${reference}@${digest}`;
  throw optionError(
    'images',
    `the image ${reference} is not in ${LOCK_FILE}: run the command lock-images, and commit the file`,
  );
}
