//! The kinds of file that are taken, and how they are called.

/// A kind of file, told by content alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Pdf,
    /// 版式文档, GB/T 33190-2016
    Ofd,
    Doc,
    Docx,
    Xls,
    Xlsx,
    Png,
    Jpeg,
    Zip,
}

impl Kind {
    pub const ALL: [Self; 9] = [
        Self::Pdf,
        Self::Ofd,
        Self::Doc,
        Self::Docx,
        Self::Xls,
        Self::Xlsx,
        Self::Png,
        Self::Jpeg,
        Self::Zip,
    ];

    pub fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Ofd => "application/ofd",
            Self::Doc => "application/msword",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xls => "application/vnd.ms-excel",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Zip => "application/zip",
        }
    }

    /// The endings that a name may have, in lower case, without the dot.
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Ofd => &["ofd"],
            Self::Doc => &["doc"],
            Self::Docx => &["docx"],
            Self::Xls => &["xls"],
            Self::Xlsx => &["xlsx"],
            Self::Png => &["png"],
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Zip => &["zip"],
        }
    }

    /// Whether a file of this kind may bear that name.
    pub fn fits(self, file_name: &str) -> bool {
        file_name.rsplit_once('.').is_some_and(|(stem, extension)| {
            let extension = extension.to_ascii_lowercase();
            !stem.is_empty() && self.extensions().contains(&extension.as_str())
        })
    }
}
