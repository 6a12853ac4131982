import type { Architecture } from '../../core/placement';

/** The platform of an image, such as `linux/arm/v7`. */
export interface ImagePlatform {
  readonly os?: string;
  readonly architecture?: string;
  readonly variant?: string;
}

/** Variants of images that nodes of each architecture can run. The empty string stands for images without a variant. */
const VARIANTS: Readonly<Record<Architecture, readonly string[]>> = {
  amd64: ['', 'v1'],
  arm64: ['', 'v8'],
  arm: ['', 'v5', 'v6', 'v7'],
};

/** Returns whether Linux nodes of an architecture can run an image that supports the given platforms. */
export function hasPlatformForArchitecture(
  architecture: Architecture,
  platforms: readonly ImagePlatform[],
): boolean {
  return platforms.some(
    (one) =>
      one.os === 'linux' &&
      one.architecture === architecture &&
      VARIANTS[architecture].includes(one.variant ?? ''),
  );
}

/** Formats a platform, such as `linux/arm/v7`. */
export const formatImagePlatform = ({ os, architecture, variant }: ImagePlatform): string =>
  [os, architecture, variant].filter(Boolean).join('/');
