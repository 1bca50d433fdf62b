/** Documents as they come in. */
export type DocumentKind = 'pdf' | 'docx' | 'epub' | 'html' | 'markdown' | 'text';
