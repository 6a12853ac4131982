import { parseImageReference, tagAndDigestOf } from '../../core/image-reference';
import type { InventoryImage } from './inventory';

/** Tools that copy an image with all its architectures between registries, without changing its digest. */
export const COPY_TOOLS: Readonly<Record<string, (source: string, copy: string) => string>> = {
  skopeo: (source, copy) => `skopeo copy --all --preserve-digests docker://${source} docker://${copy}`,
  crane: (source, copy) => `crane copy ${source} ${copy}`,
  docker: (source, copy) => `docker buildx imagetools create --prefer-index=false --tag ${copy} ${source}`,
};

/** Returns commands that copy the images of the manifests to mirrors, one line per image. */
export function copyCommands(images: readonly InventoryImage[], tool: keyof typeof COPY_TOOLS): string[] {
  const lines = images
    .map(({ image, source = image, mirror = image }) => [source, mirror] as const)
    .filter(([source, copy]) => source !== copy)
    .map(([source, copy]) => COPY_TOOLS[tool]?.(sourceReference(source), destinationReference(copy)) ?? '');
  return [...new Set(lines)];
}

/** References the source by digest alone if possible: skopeo accepts no tag with it. */
function sourceReference(source: string): string {
  const { registry, repository, tag, digest } = parseImageReference(source);
  return `${registry}/${repository}${tagAndDigestOf(digest === undefined ? { tag } : { digest })}`;
}

/** References the copy by tag, since registries delete untagged images; it can also be pulled by digest. */
function destinationReference(copy: string): string {
  const { registry, repository, tag, digest } = parseImageReference(copy);
  return `${registry}/${repository}:${tag ?? digest?.replace(':', '-')}`;
}
