import {
  type JSDoc,
  type JSDocableNode,
  type ModifierableNode,
  Node,
  Project,
  type PropertySignature,
  SyntaxKind,
  type Symbol as TsSymbol,
  type Type,
  TypeFormatFlags,
  type TypeNode,
} from 'ts-morph';
import { formatDefault, inlineCode } from './markdown';

/** The parts of a doc comment. */
export interface Comment {
  readonly text: string;
  /** Text of the tag `@default`: a value, or a dash and what happens without a value. */
  readonly defaultValue?: string;
  readonly throws?: string;
  readonly returns?: string;
}

/** A property of an interface, or a public member of a class. */
export interface Property {
  readonly name: string;
  readonly isOptional: boolean;
  readonly node: Node;
  readonly type: Type;
  /** The type as written in the source, or as the compiler infers it. */
  readonly typeText: string;
  readonly comment: Comment;
}

/**
 * Loads the sources of the library with their types. Packages are not loaded, because the names of their types suffice.
 * The types of browsers are not loaded either, because loading them takes a tenth of the time.
 */
export function loadSources(): Project {
  const project = new Project({
    compilerOptions: { strict: true, noResolve: true, lib: ['lib.es2023.d.ts'], types: [] },
    skipAddingFilesFromTsConfig: true,
    skipFileDependencyResolution: true,
  });
  project.addSourceFilesAtPaths('lib/**/*.ts');
  return project;
}

/** Returns the doc comment of a declaration. The text is empty if there is no comment. */
export function commentOf(node: Node | undefined): Comment {
  const docs = node && documentedNode(node)?.getJsDocs().at(-1);
  return {
    text: toOneLine(docs?.getDescription()),
    defaultValue: tagText(docs, 'default'),
    throws: tagText(docs, 'throws'),
    returns: tagText(docs, 'returns'),
  };
}

/** Returns the node that has the doc comment of a declaration: the whole statement in case of a variable. */
function documentedNode(node: Node): JSDocableNode | undefined {
  const owner = Node.isVariableDeclaration(node) ? node.getVariableStatement() : node;
  return owner && Node.isJSDocable(owner) ? owner : undefined;
}

function tagText(docs: JSDoc | undefined, name: string): string | undefined {
  const found = docs?.getTags().find((one) => one.getTagName() === name);
  return found && toOneLine(found.getCommentText());
}

/**
 * Returns a text in one line, as table cells require. White space becomes one space. A list item, and the text after a
 * list, begin with `<br>`.
 */
export const toOneLine = (text = ''): string =>
  text
    .replaceAll(/\n\s*- /g, '<br>- ')
    .replaceAll(/(<br>- [^<]*?)\n\s*\n/g, '$1<br>')
    .replaceAll(/\s+/g, ' ')
    .trim();

/** Returns the properties of a type that this library declares, including inherited properties. */
export function propertiesOf(type: Type): Property[] {
  const properties = type.getProperties().flatMap((symbol) => propertyOf(symbol) ?? []);
  if (type.isClass()) return properties;
  const own = type.isInterface() ? properties.filter(({ node }) => isMemberOf(type, node)) : [];
  return [...own, ...sortByFile(properties.filter((property) => !own.includes(property)))];
}

/** Returns whether a type declares a member itself, and does not inherit it. */
export const isMemberOf = (type: Type, member: Node): boolean =>
  (type.getSymbol()?.getDeclarations() ?? []).some((declaration) => declaration === member.getParent());

/**
 * Sorts inherited and picked properties by file and position, because the compiler's order of such properties is not
 * stable.
 */
function sortByFile(properties: readonly Property[]): Property[] {
  const files = [...new Set(properties.map(({ node }) => node.getSourceFile().getFilePath()))].sort();
  const fileIndex = ({ node }: Property) => files.indexOf(node.getSourceFile().getFilePath());
  return properties.toSorted(
    (one, other) => fileIndex(one) - fileIndex(other) || one.node.getPos() - other.node.getPos(),
  );
}

function propertyOf(symbol: TsSymbol): Property | undefined {
  const [node] = symbol.getDeclarations();
  if (!node || !isPublic(node)) return undefined;
  const type = symbol.getTypeAtLocation(node);
  const comment = commentOf(
    documentedNode(node)?.getJsDocs().length ? node : implementedMember(symbol.getName(), node),
  );
  const isOptional = symbol.isOptional();
  const { text, ...more } = comment.text
    ? comment
    : commentWithTypeText(type.getNonNullableType(), comment, isOptional);
  const parts = Node.isPropertySignature(node) ? formatInlineProperties(node.getTypeNode()) : [];
  return {
    ...{ name: symbol.getName(), node, type },
    isOptional,
    typeText: typeTextOf(node) || type.getText(node, TypeFormatFlags.UseSingleQuotesForStringLiteralType),
    comment: { ...more, text: [text, ...parts].join(' ') },
  };
}

/**
 * Returns the interface member that a class member implements, or `undefined` if there is none. Editors show the
 * comment of the interface for a class member without its own comment.
 */
function implementedMember(name: string, node: Node): Node | undefined {
  const owner = node.getParent();
  const interfaces = Node.isClassDeclaration(owner) ? owner.getImplements() : [];
  return interfaces.flatMap((one) => one.getType().getProperty(name)?.getDeclarations() ?? [])[0];
}

/**
 * Returns the comment for a property without its own text: the comment of the property's type. For an optional property
 * without `@default`, the default refers to the options of the type.
 */
function commentWithTypeText(type: Type, comment: Comment, isOptional: boolean): Comment {
  if (!type.isObject() && !type.isIntersection()) return comment;
  const { text } = commentOf((type.getAliasSymbol() ?? type.getSymbol())?.getDeclarations()[0]);
  const defaultValue = comment.defaultValue ?? (isOptional ? '- the default of each option' : undefined);
  return { ...comment, text, defaultValue };
}

function isPublic(node: Node): boolean {
  if (node.getSourceFile().isInNodeModules()) return false;
  if (Node.isPropertySignature(node) || Node.isMethodSignature(node)) return true;
  const isMember =
    Node.isPropertyDeclaration(node) || Node.isMethodDeclaration(node) || Node.isGetAccessorDeclaration(node);
  return isMember && isPublicMember(node);
}

/** Returns whether a member of a class is public. */
export const isPublicMember = (member: ModifierableNode): boolean =>
  !member.hasModifier('private') && !member.hasModifier('protected');

function typeTextOf(node: Node): string {
  if (Node.isMethodSignature(node) || Node.isMethodDeclaration(node)) return signatureText(node);
  if (Node.isGetAccessorDeclaration(node)) return typeSource(node.getReturnTypeNode());
  return Node.isTyped(node) ? typeSource(node.getTypeNode()) : '';
}

/** Returns a type as written in the source, without comments. Returns an empty text if there is no type. */
export const typeSource = (type: TypeNode | undefined): string =>
  toOneLine(type?.getText().replaceAll(/\/\*.*?\*\//gs, '')).replace(/^\| /, '');

/** Returns the doc comments of the properties of an inline type, each with the name of its property. */
export const formatInlineProperties = (type: TypeNode | undefined): string[] =>
  (type?.getDescendantsOfKind(SyntaxKind.PropertySignature) ?? []).map(propertyText).filter(Boolean);

function propertyText(part: PropertySignature): string {
  const { text, defaultValue } = commentOf(part);
  if (!text) return '';
  return `${inlineCode(part.getName())}: ${text}${defaultValue ? ` Default: ${formatDefault(defaultValue)}.` : ''}`;
}

/**
 * Returns parameters and return type of a function as written in the source. Returns an empty text if the node is not a
 * function.
 */
export function signatureText(node: Node): string {
  if (!Node.isParametered(node)) return '';
  const parameters = node.getParameters().map((one) => {
    const isOptional = one.isOptional() ? '?' : '';
    return `${parameterName(one.getNameNode())}${isOptional}: ${typeSource(one.getTypeNode()) || 'unknown'}`;
  });
  const returns = Node.isReturnTyped(node) ? typeSource(node.getReturnTypeNode()) : '';
  return `(${parameters.join(', ')})${returns && ` => ${returns}`}`;
}

/** Returns the name of a parameter, or `props` for a destructured parameter, which has no name. */
const parameterName = (node: Node): string => (Node.isIdentifier(node) ? node.getText() : 'props');
