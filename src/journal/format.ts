/** The format of everything the journal stores: part of each key and of each record. */
export const formatVersion = 1;
