//! The real binary on real pictures.

mod bad_input;
mod clips;
mod coloring;
mod controlling;
mod devices;
mod dreaming;
mod events;
mod folder;
mod interrupt;
mod measuring;
mod painting;
mod pausing;
mod photo_files;
mod preparing;
mod recipes;
mod replaying;
mod seeing;
mod sheets;
mod studio;
mod training;
mod video;
mod workers;
