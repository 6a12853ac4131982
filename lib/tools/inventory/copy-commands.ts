import { formatTagAndDigest, parseImageReference } from '../../core/image-reference';
import type { InventoryImage } from './inventory';

/**
 * Functions by the name of the program that copies images. Each function returns a shell command. The command copies an image with
 * all of its architectures to another registry, without changing the digest.
 */
export const COPY_TOOLS: Readonly<Record<string, (source: string, copy: string) => string>> = {
  skopeo: (source, copy) => `skopeo copy --all --preserve-digests docker://${source} docker://${copy}`,
  crane: (source, copy) => `crane copy ${source} ${copy}`,
  docker: (source, copy) => `docker buildx imagetools create --prefer-index=false --tag ${copy} ${source}`,
};

/**
 * Returns a shell command for each image that has a mirror. The command copies the image from the registry of its publisher to the
 * mirror.
 */
export function imageCopyCommands(
  images: readonly InventoryImage[],
  tool: keyof typeof COPY_TOOLS,
): string[] {
  const lines = images
    .map(({ image, source = image, mirror = image }) => [source, mirror] as const)
    .filter(([source, copy]) => source !== copy)
    .map(
      ([source, copy]) =>
        COPY_TOOLS[tool]?.(imageReferenceToCopyFrom(source), imageReferenceToCopyTo(copy)) ?? '',
    );
  return [...new Set(lines)];
}

/** Returns the reference to copy from, with either digest or tag: skopeo does not accept a tag together with a digest. */
function imageReferenceToCopyFrom(source: string): string {
  const { registry, repository, tag, digest } = parseImageReference(source);
  return `${registry}/${repository}${formatTagAndDigest(digest === undefined ? { tag } : { digest })}`;
}

/**
 * Returns the reference to copy to. The reference always has a tag, because registries may delete images without a
 * tag. Nodes can also pull the copy by its digest.
 */
function imageReferenceToCopyTo(copy: string): string {
  const { registry, repository, tag, digest } = parseImageReference(copy);
  return `${registry}/${repository}:${tag ?? digest?.replace(':', '-')}`;
}
