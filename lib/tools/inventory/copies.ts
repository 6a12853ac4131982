import { imageReference, versionOf } from '../../core/image-reference';
import type { InventoryImage } from './inventory';

/** Programs that copy an image of all its architectures from registry to registry, without changing its digest. */
export const COPY_TOOLS: Readonly<Record<string, (source: string, copy: string) => string>> = {
  skopeo: (source, copy) => `skopeo copy --all --preserve-digests docker://${source} docker://${copy}`,
  crane: (source, copy) => `crane copy ${source} ${copy}`,
  docker: (source, copy) => `docker buildx imagetools create --prefer-index=false --tag ${copy} ${source}`,
};

/** The lines that bring to mirrors what the manifests pull from there, one an image. */
export function copyLines(images: readonly InventoryImage[], tool: keyof typeof COPY_TOOLS): string[] {
  const lines = images
    .map(({ image, source = image, mirror = image }) => [source, mirror] as const)
    .filter(([source, copy]) => source !== copy)
    .map(([source, copy]) => COPY_TOOLS[tool]?.(sourceOf(source), copyOf(copy)) ?? '');
  return [...new Set(lines)];
}

/** By its digest alone where it has one: skopeo takes no tag beside it. */
function sourceOf(source: string): string {
  const { registry, repository, tag, digest } = imageReference(source);
  return `${registry}/${repository}${versionOf(digest === undefined ? { tag } : { digest })}`;
}

/** By a tag, since registries delete what has none; a digest finds the copy, too. */
function copyOf(copy: string): string {
  const { registry, repository, tag, digest } = imageReference(copy);
  return `${registry}/${repository}:${tag ?? digest?.replace(':', '-')}`;
}
