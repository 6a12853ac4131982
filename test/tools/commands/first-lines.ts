import { objectOrigins } from '../../../lib/tools/synthesis/origins';
import { EXAMPLES } from '../../support/examples';

// Prints the file of each object of the examples, and the first line of the sources that creates it.
console.log(JSON.stringify(objectOrigins(EXAMPLES).map(({ file, lines }) => [file, lines[0]])));
