"""What a tumour leaves: one Zarr store of its end and its course, and files for the programs that others use."""

from autocrine.tissue.store.cells import cell_table, write_store
from autocrine.tissue.store.frame import Frame, load_frame, save_frame, take_frame
from autocrine.tissue.store.multicellds import write_multicellds
from autocrine.tissue.store.recording import Recording, write_recording
from autocrine.tissue.store.scene import Scene, scene_of
from autocrine.tissue.store.simularium import write_simularium
from autocrine.tissue.store.vtk import write_vtk, write_vtp

__all__ = [
    "Frame",
    "Recording",
    "Scene",
    "cell_table",
    "load_frame",
    "save_frame",
    "scene_of",
    "take_frame",
    "write_multicellds",
    "write_recording",
    "write_simularium",
    "write_store",
    "write_vtk",
    "write_vtp",
]
