/** Returns the text of a file with LF line endings; a shell script contains its parts. */
export declare function textOf(file: string): string;
