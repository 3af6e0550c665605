import Lab

/// The program state-writer.
enum StateWriter { static let path = BuiltProgram.path("state-writer") }
