import Diagnostics

/// The kit's data folder is not where it should be.
struct DataError: DiagnosedError {
    let folder: String?
    var category: ErrorCategory { .missingInput }
    var message: String {
        folder.map { "\($0) has no folder Profiles" } ?? "the kit's profiles are not beside the program"
    }
    var remedy: String? { "name the folder that has Profiles and Patches with --data or DOM0KIT_DATA" }
}
