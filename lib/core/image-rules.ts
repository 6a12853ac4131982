import { imageLock } from './image-lock';
import { image } from './image-reference';
import { DEFAULT_ARCHITECTURES, type ImageArchitectures, type ImageOptions, images } from './images';
import { imageMirror } from './mirrors';
import { type OptionTable, optionsRule } from './option-table';
import { architectures } from './placement';

type ImageOverrides = NonNullable<ImageOptions['overrides']>;

const OVERRIDES = Object.fromEntries(
  Object.keys(images).map((name) => [name, { rule: image, default: undefined }]),
) as OptionTable<ImageOverrides>;

/** Validation rules of the options of `ImageArchitectures`. */
export const IMAGE_ARCHITECTURES = {
  cloud: { rule: architectures, derive: () => DEFAULT_ARCHITECTURES.cloud },
  edge: { rule: architectures, derive: () => DEFAULT_ARCHITECTURES.edge },
} satisfies OptionTable<ImageArchitectures>;

/** Validation rules of the options of `ImageOptions`. */
export const IMAGE_OPTIONS = {
  mirror: { rule: imageMirror, default: undefined },
  overrides: { rule: optionsRule<ImageOverrides>(OVERRIDES), default: {} },
  lock: { rule: imageLock, default: undefined },
  architectures: { rule: optionsRule<ImageArchitectures>(IMAGE_ARCHITECTURES), default: {} },
} satisfies OptionTable<ImageOptions>;

/** Validation rule for an option of type `ImageOptions`. */
export const imageOptions = optionsRule<ImageOptions>(IMAGE_OPTIONS);
