// Leaves in the emitted types what users can name: what the package exports and what those declarations refer to. The
// library's own functions and constants beside them are a third of the types, and an editor would offer them.
const path = require('node:path');
const { Node, Project, SyntaxKind, ts } = require('ts-morph');

const { ModuleKind, ModuleResolutionKind } = ts;

/** Removes all other declarations from the files of a folder, given the file that the package begins with. */
function keepPublicTypes(folder, entry) {
  const project = new Project({
    compilerOptions: { module: ModuleKind.CommonJS, moduleResolution: ModuleResolutionKind.Bundler },
  });
  const pattern = path.join(folder, '**/*.d.ts').replaceAll(path.sep, '/');
  const files = new Set(project.addSourceFilesAtPaths(pattern));
  const kept = publicStatements(project.getSourceFileOrThrow(entry), files);
  const isKept = (declaration) =>
    kept.has(statementOf(declaration)) || !files.has(declaration.getSourceFile());
  // All is found before anything is removed, after which the types would be checked anew.
  for (const node of [...files].flatMap((file) => privateNodes(file, isKept))) node.remove();
  project.saveSync();
}

/** Statements of these files that declare what one of them exports, and those that they refer to. */
function publicStatements(entry, files) {
  const kept = new Set();
  const keep = (declaration) => {
    const statement = statementOf(declaration);
    if (!files.has(statement.getSourceFile()) || kept.has(statement)) return;
    kept.add(statement);
    for (const name of namesIn(statement)) declarationsOf(name).forEach(keep);
  };
  for (const declarations of entry.getExportedDeclarations().values()) declarations.forEach(keep);
  return kept;
}

/** The statement of a file that a declaration is in; a whole file is its own. */
const statementOf = (node) => [node, ...node.getAncestors()].at(-2) ?? node;

const namesIn = (statement) => statement.getDescendantsOfKind(SyntaxKind.Identifier);

function declarationsOf(name) {
  const symbol = name.getSymbol();
  return (symbol?.getAliasedSymbol() ?? symbol)?.getDeclarations() ?? [];
}

/** What of a file nobody can name: declarations, and what it imports, or exports from another file, for their sake. */
function privateNodes(file, isKept) {
  const used = new Set(
    file
      .getStatements()
      .filter((statement) => !isPath(statement) && isKept(statement))
      .flatMap(namesIn)
      .map((name) => name.getText()),
  );
  const isUsed = (one) => used.has((one.getAliasNode() ?? one.getNameNode()).getText());
  const isPublic = (one) => declarationsOf(one.getNameNode()).some(isKept);
  return file.getStatements().flatMap((statement) => {
    if (Node.isImportDeclaration(statement)) return namedBy(statement, statement.getNamedImports(), isUsed);
    if (Node.isExportDeclaration(statement)) return namedBy(statement, statement.getNamedExports(), isPublic);
    return isKept(statement) ? [] : [statement];
  });
}

const isPath = (statement) => Node.isImportDeclaration(statement) || Node.isExportDeclaration(statement);

/** What to remove of an import or export: the names that are not wanted, or all of it without one that is. */
function namedBy(statement, names, isWanted) {
  const unwanted = names.filter((name) => !isWanted(name));
  return unwanted.length > 0 && unwanted.length === names.length ? [statement] : unwanted;
}

module.exports = { keepPublicTypes };
