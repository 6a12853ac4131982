import type { Type } from 'ts-morph';
import { isMemberOf, type Property, propertiesOf } from './sources';

/**
 * Returns the properties of a type, as `propertiesOf` does. In the type of a node group, the default of each inherited
 * option is the option of `edge`, because the doc comment of the option has the default of `edge`.
 */
export const propertiesWithInheritedDefaults = (type: Type): Property[] =>
  propertiesOf(type).map((property) =>
    isInheritedByGroups(type, property)
      ? { ...property, comment: { ...property.comment, defaultValue: inheritedDefault(property.name) } }
      : property,
  );

/** Returns whether a property belongs to the type of a node group, and groups inherit its value from `edge`. */
const isInheritedByGroups = (type: Type, { name, node }: Property): boolean =>
  type.getSymbol()?.getName() === 'EdgeGroupSettings' && !isMemberOf(type, node) && name !== 'fleet';

const inheritedDefault = (name: string): string =>
  name === 'device' ? '- each property as in `edge.device`' : `- the value of \`edge.${name}\``;
