//! Information classes, fields and policy profiles: may this be asked at all?
